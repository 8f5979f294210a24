// Package file collects evidence from files, folders, archives and standard
// input. What a thing is, is told by its first bytes and never by its name.
//
// It opens files for reading only, follows no link that it meets inside a
// folder, writes nothing but temporary copies of large archive members, and
// bounds what compressed input may expand to.
package file
