// Khronos' validator over the files that standard input names, one a line: one JSON object a line in return.
// The module of it lies in the folder that the first argument names.

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const validator = require(path.join(process.argv[2], "node_modules", "gltf-validator"));

async function check(file) {
  const external = (uri) => fs.promises.readFile(path.resolve(path.dirname(file), decodeURIComponent(uri)));
  const options = { uri: path.basename(file), maxIssues: 0, externalResourceFunction: external };
  const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)), options);
  return report.issues.messages.map(({ severity, code, pointer, message }) => ({ severity, code, pointer, message }));
}

async function main() {
  for await (const file of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify({ file, issues: await check(file) }));
  }
}

main();
