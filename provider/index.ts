/** The public surface: resources for any Pulumi program. The `hybrid` command line and the stack program stand on the same ones. */
export {
  Chart,
  Dashboard,
  Database,
  Dataset,
  Deployment,
  Migrations,
  type AssetArgs,
  type ChartArgs,
  type DashboardArgs,
  type DatabaseArgs,
  type DatasetArgs,
  type DeploymentArgs,
  type MigrationsArgs,
} from "./asset";
export * from "./errors";
