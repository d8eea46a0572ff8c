require("pulumi-superset/stack");
