/** walscan on Node: all of the portable entry, and files and folders. */
export * from './index.js';
export { type FindCommitInPathsOptions, findCommitInPaths } from './input/find-commit.js';
export { type Inventory, type InventoryOptions, type SegmentFile, takeInventory } from './input/inventory.js';
export { readSegment, readSegments, type SegmentRead } from './input/read-segments.js';
export { type ByteSource, fileSource, memorySource } from './input/source.js';
export { localTimeZone } from './input/timezone.js';
