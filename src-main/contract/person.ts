import * as z from 'zod'

/** The name of a person, which their edits are signed with. */
export const personName = z.string().trim().min(1).max(80)
/** The header of a window's calls that says, URI-encoded, who is at it. */
export const PERSON_HEADER = 'vitrine-person'
