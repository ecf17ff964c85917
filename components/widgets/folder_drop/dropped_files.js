/** The files of folders that were dropped on a page. */

/**
 * Return the files that were dropped and those in dropped folders and below, each with its path,
 * such as "photos/red/a.png". What cannot be read is left out.
 *
 * @param {Iterable<FileSystemEntry | null>} entries
 * @param {number} limit of the number of files
 * @returns {Promise<File[]>}
 */
export async function filesIn(entries, limit) {
  /** @type {File[]} */
  const files = [];
  const waiting = [...entries].reverse();
  while (waiting.length && files.length < limit) {
    const entry = waiting.pop();
    try {
      if (entry?.isDirectory) {
        const children = await childrenOf(/** @type {FileSystemDirectoryEntry} */ (entry));
        waiting.push(...children.reverse());
      } else if (entry?.isFile) {
        files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
      }
    } catch {
      // Such as a file that was deleted or may not be read.
    }
  }
  return files;
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
async function childrenOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const children = [];
  while (true) {
    // At most a hundred at a time; none when all were returned.
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return children;
    children.push(...some);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
async function fileOf(entry) {
  /** @type {File} */
  const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
  const value = entry.fullPath.replace(/^\//, "");
  // A file that was dropped by itself has no folder.
  if (value.includes("/")) Object.defineProperty(file, "webkitRelativePath", { value });
  return file;
}
