/**
 * A convolutional network as the few kinds of layers that a backbone consists of, whatever file holds it: what a reader
 * of a format gives (tensorflow-js.ts, tflite-layers.ts), and what backbone.ts writes as ONNX. Weights are in ONNX's order already, and
 * are made when they are first asked for, so that heads nobody wants cost nothing.
 */

export type Activation = 'none' | 'relu' | 'relu6' | 'hardSigmoid' | 'hardSwish'

export interface ConvolutionWeights {
  /** [out, in / groups, height, width], row-major. */
  kernel: Float32Array
  shape: readonly [out: number, inner: number, height: number, width: number]
  /** [out] */
  bias: Float32Array
}

export interface ConvolutionLayer {
  type: 'convolution'
  input: string
  weights: () => ConvolutionWeights
  /** Whether each channel has a kernel of its own and sees no other. */
  isDepthwise: boolean
  strides: readonly [height: number, width: number]
  /** TensorFlow's: SAME puts the odd row and column below and to the right. */
  padding: 'SAME' | 'VALID'
  activation: Activation
}

export type Layer =
  | ConvolutionLayer
  /** Of two maps of one shape, or of a map and one value for each of its channels. */
  | { type: 'add' | 'multiply'; inputs: readonly [string, string] }
  | { type: 'activation'; input: string; activation: Activation }
  /** Of the whole map: [N, C, 1, 1]. */
  | { type: 'mean'; input: string }
  /** One that a reader knows of but can't express; it is an error only for a backbone that needs it. */
  | { type: 'other'; operator: string }

export interface LayerGraph {
  /** The name of the picture that the network sees. */
  input: string
  layers: ReadonlyMap<string, Layer>
}
