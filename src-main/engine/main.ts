/** Entry of the engine process. */
import { serveParent } from '../child/serve.ts'
import { handlers } from './handlers.ts'

serveParent('the engine', handlers)
