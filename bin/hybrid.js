#!/usr/bin/env node
"use strict";
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const main = join(__dirname, "..", "dist", "cli", "main.js");

if (existsSync(main)) {
  require(main).main(process.argv).then((code) => {
    process.exitCode = code;
  });
} else {
  process.stderr.write("not compiled yet: run `make build`\n");
  process.exitCode = 1;
}
