// Loaded into a child process before its program: ends it when its parent is gone, however the parent ended.
process.on('disconnect', () => process.exit(0));
