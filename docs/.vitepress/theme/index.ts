/** VitePress' own theme, in the typeface and the colours of the window. */
import '@fontsource-variable/inter'
import theme from 'vitepress/theme-without-fonts'
import './style.css'

export default theme
