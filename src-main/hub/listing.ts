/** What a hub has of a model, before anything of it is fetched. */
import * as z from 'zod'
import { MODEL_NAME } from '#contract'
import type { Precision } from '#contract'
import { filesOf, listed, precisionsOf } from '../formats/hugging-face/files.ts'
import { failures } from './failures.ts'
import { ask } from './requests.ts'
import type { Hub } from './requests.ts'

export interface HubFile {
  path: string
  bytes: number
  checksum: { kind: 'sha256' | 'git-blob'; digest: string }
}

export interface HubModel {
  /** `OWNER/NAME` of where the files are: of what was asked for, or of a conversion of it. */
  id: string
  /** The commit that its branch is at. */
  revision: string
  licence: string | null
  files: HubFile[]
}

const hexadecimal = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))
const sibling = z.object({
  rfilename: z.string(),
  size: z.number().int().nonnegative().nullish(),
  blobId: hexadecimal(40).nullish(),
  lfs: z.object({ sha256: hexadecimal(64), size: z.number().int().nonnegative() }).nullish(),
})
const answer = z.object({
  id: z.string().regex(MODEL_NAME),
  sha: hexadecimal(40),
  siblings: z.array(sibling),
  cardData: z.object({ license: z.unknown(), license_name: z.unknown() }).partial().nullish(),
})

/**
 * The model of a name, or, where it has no ONNX files itself, a conversion of it by those who make them for
 * transformers.js. Throws NOT_FOUND, BAD_INPUT, CONFLICT; CancelledError.
 */
export async function findModel(
  hub: Hub,
  { name, revision, signal }: { name: string; revision: string | null; signal: AbortSignal },
): Promise<HubModel> {
  const model = await askFor(hub, { name, revision: revision ?? 'main', signal })
  if (model === null) {
    throw failures.unknownModel({ host: hub.host, model: name })
  }
  if (hasNetwork(model)) {
    return model
  }
  const conversions = revision === null ? conversionsOf(name) : []
  for (const conversion of conversions) {
    const converted = await askFor(hub, { name: conversion, revision: 'main', signal })
    if (converted !== null && hasNetwork(converted)) {
      return { ...converted, licence: converted.licence ?? model.licence }
    }
  }
  throw failures.noNetworks({ model: name, tried: conversions.join(', ') || 'other revisions' })
}

/** The files of one precision. Throws BAD_INPUT. */
export function filesToFetch({ id, files }: HubModel, precision: Precision): HubFile[] {
  const paths = files.map(({ path }) => path)
  const needed = filesOf(paths, precision)
  if (!('missing' in needed)) {
    const wanted = new Set(listed(needed))
    return files.filter(({ path }) => wanted.has(path))
  }
  switch (needed.missing) {
    case 'config':
      throw failures.notAVisionModel({ model: id, file: 'config.json' })
    case 'preprocessor':
      throw failures.notAVisionModel({ model: id, file: 'preprocessor_config.json' })
    case 'network':
      throw failures.noPrecision({ model: id, precision, offered: precisionsOf(paths).join(', ') })
  }
}

const hasNetwork = ({ files }: HubModel): boolean => precisionsOf(files.map(({ path }) => path)).length > 0

function conversionsOf(name: string): string[] {
  const base = name.slice(name.indexOf('/') + 1)
  return [`Xenova/${base}`, `onnx-community/${base}`, `onnx-community/${base}-ONNX`].filter(
    (conversion) => conversion !== name,
  )
}

/** Null where the hub has no such model. */
async function askFor(
  hub: Hub,
  { name, revision, signal }: { name: string; revision: string; signal: AbortSignal },
): Promise<HubModel | null> {
  const path = `/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`
  const response = await ask(hub, { path, signal })
  if (!response.ok) {
    await response.body?.cancel()
    return withoutModel(hub, { name, revision, response })
  }
  const parsed = answer.safeParse(await response.json().catch(() => null))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw failures.notAListing({
      host: hub.host,
      reason: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    })
  }
  const { id, sha, siblings, cardData } = parsed.data
  return { id, revision: sha, licence: licenceOf(cardData ?? {}), files: siblings.flatMap(toFile) }
}

/** Null for a model that is not there; throws for all else that an answer without a listing can mean. */
function withoutModel(
  { host }: Hub,
  { name, revision, response }: { name: string; revision: string; response: Response },
): null {
  switch (response.status) {
    // The hub says 401 to strangers for what does not exist.
    case 401:
      return null
    case 404:
      if (response.headers.get('x-error-code') === 'RevisionNotFound') {
        throw failures.unknownRevision({ host, model: name, revision })
      }
      return null
    default:
      throw refusal(host, { model: name, path: name, status: response.status })
  }
}

/** What an answer's status means, for whatever was asked for. */
export function refusal(
  host: string,
  { model, path, status }: { model: string; path: string; status: number },
): Error {
  switch (status) {
    case 401:
    case 403:
      return failures.refused({ host, model, status })
    case 429:
    case 503:
      return failures.busy({ host, status })
    default:
      return failures.trouble({ host, status, path })
  }
}

/** A file whose content can be checked; others are left out. */
function toFile({ rfilename: path, size, blobId, lfs }: z.infer<typeof sibling>): HubFile[] {
  if (lfs) {
    return [{ path, bytes: lfs.size, checksum: { kind: 'sha256', digest: lfs.sha256 } }]
  }
  if (blobId && size != null) {
    return [{ path, bytes: size, checksum: { kind: 'git-blob', digest: blobId } }]
  }
  return []
}

/** `license` is a name, a list of names, or `other` with the name beside it. */
function licenceOf({ license, license_name }: { license?: unknown; license_name?: unknown }): string | null {
  const licence = Array.isArray(license) ? (license as unknown[]).join(', ') : license
  const named = licence === 'other' && typeof license_name === 'string' ? license_name : licence
  return typeof named === 'string' && named !== '' ? named : null
}
