import { join } from 'node:path'
import type { Workspace } from '../workspace.ts'

/** The folder of a person's encoders. */
export const encodersFolder = ({ home }: Pick<Workspace, 'home'>): string => join(home, 'encoders')
