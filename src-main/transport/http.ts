/**
 * The loopback server behind `vitrine serve`: the window's files and media over HTTP, the contract over a
 * WebSocket. Who may connect: see access.ts.
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
import { createSockets } from './sockets.ts'

const HOST = '127.0.0.1'

export interface HttpServer {
  /** Where a browser finds it, token included. */
  address: string
  /**
   * The same for one visit only: command lines, where the browser's address stands, are seen by all users of
   * a machine.
   */
  launchAddress(): string
  /** Resolves when a page has been connected and none has been for `graceMs` (a reload reconnects sooner). */
  abandoned(graceMs: number): Promise<void>
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

type Respond = (request: Request) => Promise<Response>

/** Listens on 127.0.0.1 at `port` (0: any free one). Throws CONFLICT when the port is taken. */
export async function startHttpServer({
  router,
  respond,
  port: wantedPort,
}: {
  router: AnyRouter
  respond: Respond
  port: number
}): Promise<HttpServer> {
  const server = createServer()
  await listen(server, wantedPort)
  const { port } = server.address() as AddressInfo
  const access = createAccess(`vitrine-${port}`)
  const sockets = createSockets(router)
  server.on('request', (request, response) => {
    answer(request, response, access, respond).catch((error: unknown) => {
      // The browser went away in the middle of an answer.
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    if (mayUpgrade(request, access)) {
      sockets.accept(request, socket, head)
    } else {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    }
  })
  const addressWith = (token: string): string => `http://${HOST}:${port}/?token=${token}`
  return {
    address: addressWith(access.token),
    launchAddress: () => addressWith(access.createLaunchToken()),
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

const mayUpgrade = (request: IncomingMessage, access: Access): boolean =>
  refusal(request) === null && request.url === '/rpc' && isSameOrigin(request) && access.hasCookie(request)

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
  if (access.admits(url.searchParams.get('token') ?? '')) {
    sendCookie(outgoing, access)
    return
  }
  if (!access.hasCookie(incoming)) {
    sendText(outgoing, 403, 'This page needs the whole address that Vitrine printed, with its token.')
    return
  }
  await sendResponse(outgoing, await respond(toRequest(incoming, outgoing, url)))
}

const requestUrl = (request: IncomingMessage): URL | null =>
  (request.url ?? '').startsWith('/')
    ? URL.parse(`http://${request.headers.host ?? ''}${request.url ?? ''}`)
    : null

/** Sends the browser on to the page without the token in its address. */
function sendCookie(response: ServerResponse, access: Access): void {
  response.writeHead(303, {
    location: '/',
    'set-cookie': access.cookie,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  })
  response.end()
}

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
