/**
 * ONNX Runtime, and the only way to load it. On Linux and macOS it sends its makers a device id and events,
 * and keeps both in the user's cache, unless its environment says otherwise before the library is loaded.
 * Imports are loaded before any code of a file runs, and bundlers move them further up: hence `require`.
 */
import { createRequire } from 'node:module'
import type * as OnnxRuntime from 'onnxruntime-node'

process.env['ORT_DISABLE_TELEMETRY'] = '1'

export const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime
