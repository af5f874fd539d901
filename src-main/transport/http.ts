/**
 * The loopback server behind `vitrine serve`: the window's files and, for windows that are known, media over
 * HTTP and the contract over a WebSocket. Who is known: see access.ts.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { AnyRouter } from '@orpc/server'
import { createAccess, isSameOrigin, refusal } from './access.ts'
import type { Access } from './access.ts'
import { failures } from './failures.ts'
import { isMedia } from './respond.ts'
import { createSockets } from './sockets.ts'

const HOST = '127.0.0.1'

export interface HttpServer {
  port: number
  /** What lets one window in, once, as `token` of its address; and such an address. */
  newToken(): string
  newAddress(): string
  /** Resolves when a page has been connected and none has been for `graceMs` (a reload reconnects sooner). */
  abandoned(graceMs: number): Promise<void>
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

type Respond = (request: Request) => Promise<Response>

interface ServerOptions {
  router: AnyRouter
  respond: Respond
  /** 0: any free one. */
  port: number
  /** Where the secrets of its windows are kept. */
  windowsFolder: string
}

/** Listens on 127.0.0.1. Throws CONFLICT when the port is taken, BAD_INPUT when it may not be used. */
export async function startHttpServer({
  router,
  respond,
  port: wantedPort,
  windowsFolder,
}: ServerOptions): Promise<HttpServer> {
  const server = createServer()
  await listen(server, wantedPort)
  const { port } = server.address() as AddressInfo
  const access = createAccess(windowsFolder, port)
  const sockets = createSockets(router, access)
  server.on('request', (request, response) => {
    answer(request, response, access, respond).catch((error: unknown) => {
      // The browser went away in the middle of an answer.
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    if (mayUpgrade(request)) {
      sockets.accept(request, socket, head)
    } else {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    }
  })
  return {
    port,
    newToken: access.createToken,
    newAddress: () => `http://${HOST}:${port}/?token=${access.createToken()}`,
    abandoned: sockets.abandoned,
    async close() {
      sockets.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenFailure(error, port))
    })
    server.listen(port, HOST, resolve)
  })
}

function listenFailure(error: NodeJS.ErrnoException, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return failures.portTaken({ port })
    case 'EACCES':
      return failures.portForbidden({ port }, { cause: error })
    default:
      return error
  }
}

const mayUpgrade = (request: IncomingMessage): boolean =>
  refusal(request) === null && request.url === '/rpc' && isSameOrigin(request)

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  access: Access,
  respond: Respond,
): Promise<void> {
  const reason = refusal(incoming)
  if (reason !== null) {
    sendText(outgoing, 403, reason)
    return
  }
  const url = requestUrl(incoming)
  if (url === null) {
    sendText(outgoing, 400, 'The address is not valid.')
    return
  }
  if (isMedia(url) && !access.admitsMedia(url)) {
    sendText(outgoing, 403, 'Only windows of Vitrine are shown media.')
    return
  }
  await sendResponse(outgoing, await respond(toRequest(incoming, outgoing, url)))
}

const requestUrl = (request: IncomingMessage): URL | null =>
  (request.url ?? '').startsWith('/')
    ? URL.parse(`http://${request.headers.host ?? ''}${request.url ?? ''}`)
    : null

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
  response.end(`${text}\n`)
}

/** A request as the web has it; it aborts when the connection closes. */
function toRequest(incoming: IncomingMessage, outgoing: ServerResponse, url: URL): Request {
  const abort = new AbortController()
  outgoing.once('close', () => {
    abort.abort()
  })
  const headers = Object.entries(incoming.headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return new Request(url, {
    method: incoming.method ?? 'GET',
    headers: new Headers(headers),
    signal: abort.signal,
  })
}

async function sendResponse(outgoing: ServerResponse, response: Response): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) {
    outgoing.end()
    return
  }
  await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing)
}
