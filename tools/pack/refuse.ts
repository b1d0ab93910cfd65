import process from 'node:process';

// What stands here is not compiled: installed from a tarball, Node would run none of it.
process.stderr.write(
  'Nothing is packed from this folder: "npm run pack:server" packs the server with its client, "npm run pack:client" the client alone\n',
);
process.exitCode = 1;
