/** Small ONNX files with a picture input, whose outputs can be worked out by hand. */
import onnxProto from 'onnx-proto'

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx
const { DataType, DataLocation } = TensorProto

export interface TinyNetwork {
  /** Of the input; a text is a dimension that is only known at run time. */
  shape?: readonly (number | string)[]
  type?: 'FLOAT' | 'FLOAT16' | 'UINT8' | 'INT64'
  /** A second input, which encoders can't feed. */
  secondInput?: boolean
  /** The name of an operator in the place of `Identity`. */
  operator?: string
  /** The weights lie in this file, which `weights` fills. */
  external?: string
}

/** Values of the output `vector`. */
export const WIDTH = 16

/** The weights [3, WIDTH]: value w of a channel c is c + w / 100. */
export const weight = (channel: number, place: number): number => channel + place / 100

export const weights = (): Uint8Array =>
  new Uint8Array(
    Float32Array.from({ length: 3 * WIDTH }, (_, i) => weight(Math.floor(i / WIDTH), i % WIDTH)).buffer,
  )

/**
 * Outputs of an input NCHW: `map`, the input itself; `tokens` [N, 1 + H W, 3], a token of ones and then the pixels; and
 * `vector` [N, WIDTH], the mean of each channel times `weights`. Of an input NHWC: `map` and `label` alone. `label`
 * [1] is of the type int64.
 */
export function tinyNetwork({
  shape = ['N', 3, 'H', 'W'],
  type = 'FLOAT',
  secondInput = false,
  operator = 'Identity',
  external,
}: TinyNetwork = {}): Uint8Array {
  const isChannelsFirst = shape[1] === 3
  const stored =
    external === undefined
      ? { rawData: weights() }
      : { dataLocation: DataLocation.EXTERNAL, externalData: [{ key: 'location', value: external }] }
  const channelsFirst = isChannelsFirst
    ? [
        node('GlobalAveragePool', ['pixels'], 'averages'),
        node('Flatten', ['averages'], 'means'),
        node('MatMul', ['means', 'weights'], 'vector'),
        node('Reshape', ['pixels', 'flat'], 'rows'),
        node('Transpose', ['rows'], 'points', [ints('perm', [0, 2, 1])]),
        node('ReduceMean', ['points'], 'middle', [ints('axes', [1])]),
        node('Sub', ['middle', 'middle'], 'nought'),
        node('Exp', ['nought'], 'ones'),
        node('Concat', ['ones', 'points'], 'tokens', [int('axis', 1)]),
      ]
    : []
  return ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'tiny',
      node: [
        node('Cast', ['frames'], 'pixels', [int('to', DataType.FLOAT)]),
        node(operator, ['pixels'], 'map'),
        node('Identity', ['number'], 'label'),
        ...channelsFirst,
      ],
      initializer: [
        { name: 'weights', dataType: DataType.FLOAT, dims: [3, WIDTH], ...stored },
        { name: 'flat', dataType: DataType.INT64, dims: [3], int64Data: [0, 3, -1] },
        { name: 'number', dataType: DataType.INT64, dims: [1], int64Data: [7] },
      ],
      input: [
        valueOf('frames', DataType[type], shape),
        ...(secondInput ? [valueOf('input_ids', DataType.INT64, ['N', 4])] : []),
      ],
      output: [
        valueOf('map', DataType.FLOAT),
        valueOf('label', DataType.INT64, [1]),
        ...(isChannelsFirst ? [valueOf('vector', DataType.FLOAT), valueOf('tokens', DataType.FLOAT)] : []),
      ],
    },
  }).finish()
}

export function node(
  opType: string,
  input: string[],
  output: string,
  attribute: onnxProto.onnx.IAttributeProto[] = [],
): onnxProto.onnx.INodeProto {
  return { name: output, opType, input, output: [output], attribute }
}

const int = (name: string, i: number): onnxProto.onnx.IAttributeProto => ({
  name,
  type: AttributeProto.AttributeType.INT,
  i,
})
export const ints = (name: string, several: number[]): onnxProto.onnx.IAttributeProto => ({
  name,
  type: AttributeProto.AttributeType.INTS,
  ints: several,
})

export function valueOf(
  name: string,
  elemType: number,
  shape?: readonly (number | string)[],
): onnxProto.onnx.IValueInfoProto {
  const dim = shape?.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
  return { name, type: { tensorType: { elemType, ...(dim && { shape: { dim } }) } } }
}
