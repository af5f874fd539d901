/**
 * Loads TensorFlow for a device: its native library (CUDA where there is one), or the portable backends
 * written in WebAssembly and in JavaScript. All are optional packages, loaded when a device asks for them.
 * Two devices may share a library, whose backend is a global setting: `use` gives one user at a time the
 * library with the right one.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import util from 'node:util'
import { resource } from '../resources.ts'
import { failures } from './failures.ts'
import type { TensorFlow } from './tensorflow-api.ts'

export const TENSORFLOW_DEVICES = ['tensorflow', 'tfjs-wasm', 'tfjs-cpu'] as const
export type TensorFlowDevice = (typeof TENSORFLOW_DEVICES)[number]

export interface TensorFlowLibrary {
  /** Runs `work` with the device's backend, after whatever else uses the library. */
  use<Result>(work: (tf: TensorFlow) => Promise<Result>): Promise<Result>
}

/**
 * What the set-up fetches on demand lies in a folder of its own (scripts/setup.mjs); beside it are the
 * packages of package.json. Not called require: the built engine has one already.
 */
const requirePackage = createRequire(join(dirname(resource()), '.tensorflow', 'index.js'))

interface Loader {
  backend: string
  load(): TensorFlow
  /** What a device that can't be loaded fails with. */
  unusable: typeof failures.tensorflowUnusable
}

const LOADERS: Record<TensorFlowDevice, Loader> = {
  tensorflow: {
    backend: 'tensorflow',
    load: loadNative,
    unusable: failures.tensorflowUnusable,
  },
  'tfjs-wasm': {
    backend: 'wasm',
    load() {
      const tf = loadCore()
      const { setWasmPaths } = requirePackage('@tensorflow/tfjs-backend-wasm') as {
        setWasmPaths(folder: string): void
      }
      setWasmPaths(
        join(dirname(requirePackage.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'),
      )
      return tf
    },
    unusable: failures.optionalPackageUnusable,
  },
  'tfjs-cpu': {
    backend: 'cpu',
    load() {
      const tf = loadCore()
      requirePackage('@tensorflow/tfjs-backend-cpu')
      return tf
    },
    unusable: failures.optionalPackageUnusable,
  },
}

/**
 * The library that both portable backends register with. Production mode: without checks, and without its
 * greeting.
 */
function loadCore(): TensorFlow {
  const tf = requirePackage('@tensorflow/tfjs-core') as TensorFlow & { enableProdMode(): void }
  tf.enableProdMode()
  return tf
}

/** The native library: built for CUDA, or for the CPU alone where that is what is installed. */
function loadNative(): TensorFlow {
  // The library (2024) calls functions that Node 23 dropped.
  Object.assign(util, {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  })
  const installed = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].find((name) => {
    try {
      return requirePackage.resolve(name)
    } catch {
      return false
    }
  })
  if (installed === undefined) {
    throw new Error('TensorFlow is not installed')
  }
  return requirePackage(installed) as TensorFlow
}

const loaded = new Map<TensorFlowDevice, Promise<TensorFlowLibrary>>()
/** The end of the queue for each library. */
const queues = new WeakMap<TensorFlow, Promise<unknown>>()

/**
 * The library of a device, loaded at the first call. Throws TOOL_MISSING when it is not installed or can't
 * start.
 */
export function loadTensorFlow(device: TensorFlowDevice): Promise<TensorFlowLibrary> {
  const known = loaded.get(device)
  if (known) {
    return known
  }
  const loading = startLibrary(device)
  loaded.set(device, loading)
  // What failed is tried again: it may have been installed meanwhile.
  loading.catch(() => loaded.delete(device))
  return loading
}

async function startLibrary(device: TensorFlowDevice): Promise<TensorFlowLibrary> {
  const { backend, load, unusable } = LOADERS[device]
  try {
    const library = queuedLibrary(load(), backend)
    await library.use(() => Promise.resolve())
    return library
  } catch (error) {
    throw unusable({ device, reason: firstLine(error) }, { cause: error })
  }
}

/** A library whose users wait for one another, each with this backend. */
const queuedLibrary = (tf: TensorFlow, backend: string): TensorFlowLibrary => ({
  use(work) {
    const result = (queues.get(tf) ?? Promise.resolve()).then(async () => {
      if (!(await tf.setBackend(backend))) {
        throw new Error(`TensorFlow's backend ${backend} does not start`)
      }
      return work(tf)
    })
    queues.set(
      tf,
      result.catch(() => undefined),
    )
    return result
  },
})

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.trim() ?? ''
