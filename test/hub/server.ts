/** A model hub on this machine: as much of the Hugging Face hub's interface as a download needs. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ModelFiles } from './model.ts'

export const REVISION = 'a'.repeat(40)

export interface SeenRequest {
  path: string
  range: string | undefined
  authorization: string | undefined
}

interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string
}

export interface TestHub {
  endpoint: string
  requests: SeenRequest[]
  /** Models by name, which may change. */
  models: Record<string, ModelFiles>
  /** How many bytes of a file come before it stalls, by the file's path; for one answer each. */
  stallsAfter: Map<string, number>
  /** Breaks the connections that stall. */
  cut(): void
  /** What is sent in the place of a file. */
  instead: Map<string, Uint8Array>
  /** Answers to listings of models, in the place of the right one. */
  answers: Map<string, Answer>
  close(): Promise<void>
}

/** Listings come from one port, files from another, as the hub's come from its file store. */
export async function serveHub(models: Record<string, ModelFiles>): Promise<TestHub> {
  const stalled = new Set<ServerResponse>()
  const hub: HubState = {
    requests: [],
    models,
    stallsAfter: new Map(),
    stalled,
    instead: new Map(),
    answers: new Map(),
  }
  const store = await listen((request, response) => {
    sendFile(hub, request, response)
  })
  const api = await listen((request, response) => {
    note(hub, request)
    const path = decodeURIComponent(request.url ?? '')
    if (path.includes('/resolve/')) {
      response.writeHead(302, { location: addressOf(store) + path }).end()
    } else {
      answerListing(hub, path, response)
    }
  })
  return {
    ...hub,
    cut: () => {
      stalled.forEach((response) => response.destroy())
    },
    endpoint: addressOf(api),
    close: async () => {
      for (const server of [api, store]) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

type HubState = Omit<TestHub, 'endpoint' | 'close' | 'cut'> & { stalled: Set<ServerResponse> }

function note({ requests }: HubState, { url, headers }: IncomingMessage): void {
  requests.push({ path: url ?? '', range: headers.range, authorization: headers.authorization })
}

function answerListing({ models, answers }: HubState, path: string, response: ServerResponse): void {
  const [, name = ''] = /^\/api\/models\/(.+)\/revision\//.exec(path) ?? []
  const answer = answers.get(name)
  if (answer !== undefined) {
    response.writeHead(answer.status, answer.headers).end(answer.body)
    return
  }
  const files = models[name]
  if (files === undefined) {
    response.writeHead(401, { 'x-error-message': 'Invalid username or password.' }).end('{}')
    return
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(listingOf(name, files)))
}

/** Large files are in git's large file storage, which has SHA-256; others are git's blobs. */
function listingOf(id: string, files: ModelFiles): unknown {
  return {
    id,
    sha: REVISION,
    cardData: files['README.md'] === undefined ? null : { license: 'mit' },
    siblings: Object.entries(files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      blobId: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
      ...(rfilename.endsWith('.onnx') && {
        lfs: {
          sha256: createHash('sha256').update(bytes).digest('hex'),
          size: bytes.length,
          pointerSize: 134,
        },
      }),
    })),
  }
}

function sendFile(hub: HubState, request: IncomingMessage, response: ServerResponse): void {
  note(hub, request)
  const [, name = '', revision, path = ''] = /^\/(.+)\/resolve\/(\w+)\/(.+)$/.exec(request.url ?? '') ?? []
  const whole = hub.instead.get(path) ?? hub.models[name]?.[path]
  if (whole === undefined || revision !== REVISION) {
    response.writeHead(404).end()
    return
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const bytes = whole.subarray(from)
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length })
  const end = hub.stallsAfter.get(path)
  if (end === undefined) {
    response.end(bytes)
    return
  }
  hub.stallsAfter.delete(path)
  hub.stalled.add(response)
  response.write(bytes.subarray(0, end))
}
