import { oc } from '@orpc/contract'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { implement } from '@orpc/server'
import { createHmac } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { startHttpServer } from '../../src-main/transport/http.ts'
import type { HttpServer } from '../../src-main/transport/http.ts'
import { proofText, REFUSED_CODE } from '#contract'
import { enter, proving, say, socketOf } from './window.ts'

const contract = { double: oc.input(z.number()).output(z.number()) }
const os = implement(contract)
const router = os.router({ double: os.double.handler(({ input }) => input * 2) })

const respond = () => Promise.resolve(new Response('page'))

let folder: string
let server: HttpServer
let origin: string
const start = (port: number) => startHttpServer({ router, respond, port, windowsFolder: folder })
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-windows-'))
  server = await start(0)
  origin = `http://127.0.0.1:${server.port}`
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** The status of a plain GET with exactly these headers (fetch would not let a test choose Host). */
const status = (path: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })

describe('who may connect', () => {
  it('shows anybody the window, and media to windows that were let in alone', async () => {
    const { socket, mediaKey } = await enter(origin, server.newToken())
    expect(await status('/', {})).toBe(200)
    expect(await status('/media/video/1', {})).toBe(403)
    expect(await status(`/media/video/1?key=${mediaKey.slice(1)}A`, {})).toBe(403)
    expect(await status('/media/video/1?key=%C3%A9', {})).toBe(403)
    expect(await status(`/media/video/1?key=${mediaKey}`, {})).toBe(200)
    socket.close()
  })

  it('sets no cookie, which every other port of the host would get', async () => {
    const { headers } = await fetch(server.newAddress())
    expect(headers.getSetCookie()).toEqual([])
  })

  it('lets an address in once', async () => {
    const token = server.newToken()
    await enter(origin, token)
    await expect(enter(origin, token)).rejects.toThrow(String(REFUSED_CODE))
    await expect(enter(origin, 'made-up')).rejects.toThrow(String(REFUSED_CODE))
  })

  it('knows a window again after it started anew, and proves it, and keeps its secret from others', async () => {
    const { identity } = await enter(origin, server.newToken())
    await server.close()
    server = await start(server.port)
    const { socket, nonce } = await socketOf(origin)
    const hello = proving(identity, nonce)
    const proof = createHmac('sha256', identity.secret)
      .update(proofText('server', nonce, hello.nonce))
      .digest('base64url')
    expect(await say(socket, hello)).toMatchObject({ enrolled: null, proof })
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o077).toBe(0)
    }
  })

  it('refuses a proof of another nonce, of another secret, or for another server', async () => {
    const { identity } = await enter(origin, server.newToken())
    const earlier = await socketOf(origin)
    const replayed = await socketOf(origin)
    expect(await say(replayed.socket, proving(identity, earlier.nonce))).toBe(REFUSED_CODE)
    const guessed = await socketOf(origin)
    const wrong = { ...identity, secret: identity.secret.slice(1) }
    expect(await say(guessed.socket, proving(wrong, guessed.nonce))).toBe(REFUSED_CODE)
    const other = await start(0)
    const passedOn = await socketOf(`http://127.0.0.1:${other.port}`)
    expect(await say(passedOn.socket, proving(identity, passedOn.nonce))).toBe(REFUSED_CODE)
    await other.close()
  })

  it('takes nothing from a window that does not say who it is', async () => {
    for (const text of [
      'garbage',
      '{}',
      '{"window":"../../../../etc/passwd","nonce":"aaaaaaaaaaaaaaaa","proof":"aaaaaaaaaaaaaaaa"}',
    ]) {
      const { socket } = await socketOf(origin)
      expect(await say(socket, text)).toBe(1006)
    }
  })

  it('answers only to the names of the loopback interface, through any tunnel', async () => {
    expect(await status('/', { host: 'evil.example' })).toBe(403)
    expect(await status('/', { host: `127.0.0.1.evil.example:${server.port}` })).toBe(403)
    expect(await status('/', { host: 'localhost:9999' })).toBe(200)
  })

  it('opens a WebSocket only for its own page', async () => {
    await expect(socketOf(origin, { headers: { origin: 'http://evil.example' } })).rejects.toThrow('403')
    await expect(socketOf(origin, { headers: {} })).rejects.toThrow('403')
    await expect(socketOf(origin, { headers: { origin, host: 'evil.example' } })).rejects.toThrow('403')
    await expect(socketOf(origin, { path: '/other' })).rejects.toThrow('403')
  })
})

describe('calls', () => {
  it('are answered, outlive garbage, and a message beyond the limit ends only its own connection', async () => {
    const { socket: webSocket } = await enter(origin, server.newToken())
    const client = createORPCClient<ContractRouterClient<typeof contract>>(
      new RPCLink({ websocket: webSocket as never }),
    )
    expect(await client.double(4)).toBe(8)
    webSocket.send('garbage')
    expect(await client.double(5)).toBe(10)
    const closed = new Promise((resolve) => webSocket.once('close', resolve))
    webSocket.send(Buffer.alloc((8 << 20) + 1))
    expect(await closed).toBe(1009)
    expect(await status('/', {})).toBe(200)
  })
})

it('knows that its last window left, asked before or after that', { timeout: 20_000 }, async () => {
  const alone = await start(0)
  const leaving = alone.abandoned(20)
  const { socket } = await enter(`http://127.0.0.1:${alone.port}`, alone.newToken())
  socket.close()
  await leaving
  await alone.abandoned(20)
  await alone.close()
})

it('names the port that is taken', async () => {
  await expect(start(server.port)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(String(server.port)) as string,
  })
})
