/** The Pulumi program. It exports nothing: what a program exports becomes an output of the stack. */
import { runLean, startProvider } from "./lean";

runLean();
startProvider();
// In a later turn of the event loop, so that the request is on its way before this process is busy, loading and compiling.
setImmediate(() => (require("./stack") as typeof import("./stack")).main());
