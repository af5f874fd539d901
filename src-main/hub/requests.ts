/**
 * Requests to a model hub, the only ones that the program makes of its own accord to another machine, and only when
 * a person asks for a model by its name. What is sent: the model's name, its revision, the names of its files, and
 * HF_TOKEN where that is set.
 */
import { CancelledError } from '../common/failures.ts'
import { failures } from './failures.ts'

export interface Hub {
  /** Without a slash at its end. */
  endpoint: string
  /** Who it is, for people. */
  host: string
  /** Sent to the hub itself, not to the file stores that it leads to; never said. */
  token: string | null
}

type Environment = Readonly<Record<string, string | undefined>>

/** The hub that the environment names, as the Python library huggingface_hub has it. Throws BAD_INPUT, NOT_READY. */
export function hubOf(environment: Environment): Hub {
  if (/^(1|true|yes|on)$/i.test(environment['HF_HUB_OFFLINE'] ?? '')) {
    throw failures.offline()
  }
  const endpoint = environment['HF_ENDPOINT'] || 'https://huggingface.co'
  const url = URL.parse(endpoint)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw failures.endpoint({ endpoint })
  }
  return {
    endpoint: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    host: url.host,
    token: environment['HF_TOKEN']?.trim() || null,
  }
}

interface Request {
  /** From the endpoint on, beginning with a slash. */
  path: string
  /** Bytes that are here already. */
  from?: number
  signal: AbortSignal
}

/** An answer, whatever its status. Throws NOT_FOUND where none comes, CancelledError. */
export async function ask(hub: Hub, { path, from = 0, signal }: Request): Promise<Response> {
  try {
    return await fetch(hub.endpoint + path, {
      signal,
      headers: {
        'user-agent': 'vitrine',
        // A file that is packed on the way has no length to hold it against.
        'accept-encoding': 'identity',
        ...(hub.token === null ? {} : { authorization: `Bearer ${hub.token}` }),
        ...(from === 0 ? {} : { range: `bytes=${from}-` }),
      },
    })
  } catch (error) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    throw failures.unreachable({ host: hub.host, reason: reasonOf(error) }, { cause: error })
  }
}

/** Why a connection failed: Node says `fetch failed`, and has the reason one level down. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  const { code, message: reason } = (cause ?? error) as NodeJS.ErrnoException
  return reason || code || message
}
