/**
 * How the engine process keeps its memory. A training step makes and drops hundreds of megabytes of tensors.
 * ONNX Runtime pools them, but for each compiled graph on its own, which adds up; and fresh pages from the
 * system cost as much time as a step. On Linux, glibc's heap can be told to keep what is freed: then it is
 * one pool for all graphs. https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */

/** Environment variables to start the engine process with, in addition to this process's own. */
export const heapEnvironment: Readonly<Record<string, string>> =
  process.platform === 'linux'
    ? {
        MALLOC_ARENA_MAX: '1',
        MALLOC_MMAP_MAX_: '0',
        MALLOC_TRIM_THRESHOLD_: String(2 ** 34),
        MALLOC_TOP_PAD_: String(2 ** 26),
      }
    : {}

/** Whether this process was started so, and its heap serves as the pool. */
export const heapIsPool = (): boolean =>
  process.platform === 'linux' && process.env['MALLOC_MMAP_MAX_'] === heapEnvironment['MALLOC_MMAP_MAX_']
