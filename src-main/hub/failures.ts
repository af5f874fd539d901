import { defineFailures } from '../common/failures.ts'

const AGAIN = 'Start it again: it goes on from there.'

/** What can go wrong between here and a model hub. No sentence holds a token. */
export const failures = defineFailures('hub', {
  endpoint: {
    code: 'BAD_INPUT',
    message: 'HF_ENDPOINT is "{endpoint}", which is no address of the web.',
    remedy: 'Set it to one that begins with https://, or leave it out.',
  },
  offline: {
    code: 'NOT_READY',
    message: 'HF_HUB_OFFLINE is set: nothing is asked of the hub.',
    remedy: 'Unset it, or name a folder that holds the model.',
  },
  unreachable: {
    code: 'NOT_FOUND',
    message: '{host} could not be reached: {reason}.',
    remedy:
      'Check the connection. Without one, copy the model folder from another machine and name the folder; HF_ENDPOINT sets another hub.',
  },
  unknownModel: {
    code: 'NOT_FOUND',
    message: '{host} has no model {model}, or does not show it to everybody.',
    remedy: 'Check its name (OWNER/NAME). Of a model that is not public, set HF_TOKEN.',
  },
  unknownRevision: {
    code: 'NOT_FOUND',
    message: 'The model {model} has no revision {revision} at {host}.',
    remedy: 'Name a branch, a tag or a commit of it.',
  },
  refused: {
    code: 'BAD_INPUT',
    message: '{host} does not give out {model} ({status}).',
    remedy: "Accept its terms on the model's page, and set HF_TOKEN to a token of yours.",
  },
  busy: {
    code: 'CONFLICT',
    message: '{host} answers no more requests for now ({status}).',
    remedy: 'Try again in some minutes.',
  },
  trouble: {
    code: 'NOT_FOUND',
    message: '{host} answers {status} for {path}.',
    remedy: 'Try again later.',
  },
  notAListing: {
    code: 'BAD_INPUT',
    message: '{host} does not answer as a Hugging Face hub: {reason}.',
    remedy: 'Check HF_ENDPOINT.',
  },
  noNetworks: {
    code: 'BAD_INPUT',
    message: '{model} has no ONNX file, and neither have {tried}.',
    remedy: 'Export it as ONNX (optimum-cli export onnx), and add the folder.',
  },
  noPrecision: {
    code: 'BAD_INPUT',
    message: '{model} has no network of the precision {precision}; it has {offered}.',
    remedy: 'Choose one of these.',
  },
  notAVisionModel: {
    code: 'BAD_INPUT',
    message: '{model} has no {file}: it is no model that sees.',
    remedy: 'Choose a vision model, such as CLIP, SigLIP, DINOv2 or ViT.',
  },
  broken: {
    code: 'CONFLICT',
    message: 'The connection to {host} broke in {path} after {done} of {size}: {reason}.',
    remedy: AGAIN,
  },
  tooLong: {
    code: 'CONFLICT',
    message: '{host} sends more of {path} than the {size} that it has.',
    remedy: 'Try again later.',
  },
  damaged: {
    code: 'CONFLICT',
    message:
      'What came of {path} is not what {host} says that it is (its checksum differs); it was thrown away.',
    remedy: 'Start it again.',
  },
})
