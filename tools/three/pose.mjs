// Where three.js draws the vertices of skinned meshes once some nodes are turned: one JSON request a line, one answer a line.
// A request has the path of a GLB and, for numbers of nodes, quaternions that turn them in their own frames.
// The module of three lies in the folder that the first argument names.

import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

globalThis.self = globalThis; // what its loader looks for in a browser
globalThis.ProgressEvent ??= class extends Event {};
const at = (name) => pathToFileURL(path.join(process.argv[2], "node_modules", "three", name)).href;
const { Quaternion, Vector3 } = await import(at("build/three.module.js"));
const { GLTFLoader } = await import(at("examples/jsm/loaders/GLTFLoader.js"));

function withoutPictures(file) { // Node has nothing to decode them with, and they move no vertex
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt32LE(12);
  const document = JSON.parse(bytes.subarray(20, 20 + length).toString());
  delete document.images;
  delete document.textures;
  delete document.materials;
  for (const mesh of document.meshes ?? []) for (const primitive of mesh.primitives) delete primitive.material;
  document.buffers[0].uri = `data:;base64,${bytes.subarray(28 + length).toString("base64")}`;
  return JSON.stringify(document);
}

async function posed({ file, turns }) {
  const { scene, parser } = await new GLTFLoader().parseAsync(withoutPictures(file), "");
  const numbers = new Map();
  scene.traverse((item) => {
    const place = parser.associations.get(item);
    if (place?.nodes !== undefined && !numbers.has(place.nodes)) numbers.set(place.nodes, item);
  });
  for (const [number, turn] of Object.entries(turns)) numbers.get(Number(number)).quaternion.multiply(new Quaternion(...turn));
  scene.updateMatrixWorld(true);
  const points = [];
  scene.traverse((item) => {
    if (!item.isSkinnedMesh) return;
    item.skeleton.update();
    const point = new Vector3();
    for (let k = 0; k < item.geometry.attributes.position.count; k += 1) {
      item.getVertexPosition(k, point).applyMatrix4(item.matrixWorld);
      points.push([point.x, point.y, point.z]);
    }
  });
  return points;
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await posed(JSON.parse(line))));
}
