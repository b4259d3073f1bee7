import { render } from 'preact';
import { addWords } from '../i18n.js';
import { pageEn } from '../messages/page.en.js';
import { pageEs } from '../messages/page.es.js';
import '../styles.css';
import './app.css';
import { App } from './app.js';

addWords('en', { page: pageEn });
addWords('es', { page: pageEs });

render(<App />, document.getElementById('app')!);
