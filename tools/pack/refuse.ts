import process from 'node:process';

// The code in this folder is TypeScript, and Node runs no TypeScript from node_modules.
process.stderr.write(
  'Nothing is packed from this folder: "npm run pack:server" packs the server with its client, "npm run pack:client" only the client\n',
);
process.exitCode = 1;
