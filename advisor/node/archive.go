package node

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"kpadvisor/advisor"
	"kpadvisor/files"
)

// Parse reads the reports of a file: one, several one after another, or a tar archive of
// such files, which may be compressed with gzip. The error is one sentence that says what
// is wrong with the file.
func Parse(file []byte) ([]advisor.NodeReport, error) {
	return ParseWith(file, nil)
}

// ParseWith is Parse with somebody who looks into what each report holds, and may add to
// what is made of it.
func ParseWith(file []byte, look func(*advisor.NodeReport, Sections)) ([]advisor.NodeReport, error) {
	if bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		var err error
		if file, err = unzip(file); err != nil {
			return nil, err
		}
	}
	if !isTar(file) {
		return parse(file, look)
	}
	var all []advisor.NodeReport
	archive := tar.NewReader(bytes.NewReader(file))
	for range maxReports {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return some(all)
		}
		if err != nil {
			return nil, errors.New("it is no tar archive from some byte on")
		}
		if h.Typeflag != tar.TypeReg || h.Size == 0 {
			continue
		}
		text, err := files.Bounded(archive, maxText)
		if err != nil {
			return nil, fmt.Errorf("a file of the archive cannot be read: %w", err)
		}
		reports, err := parse(text, look)
		if err != nil {
			continue // a tar may hold other files
		}
		all = append(all, reports...)
	}
	return nil, errors.New("the archive holds too many files")
}

func some(all []advisor.NodeReport) ([]advisor.NodeReport, error) {
	switch {
	case len(all) == 0:
		return nil, errors.New("the archive holds no report of kpadvisor node-script")
	case len(all) > maxReports:
		return nil, errors.New("the archive holds too many reports")
	}
	return all, nil
}

func unzip(file []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err == nil {
		file, err = files.Bounded(z, maxText)
	}
	if err != nil {
		return nil, fmt.Errorf("it cannot be decompressed: %w", err)
	}
	return file, nil
}

// isTar reports the magic of an archive of POSIX or GNU.
func isTar(file []byte) bool {
	const at = 257
	return len(file) > at+5 && string(file[at:at+5]) == "ustar"
}

// parse reads the reports of a text.
func parse(text []byte, look func(*advisor.NodeReport, Sections)) ([]advisor.NodeReport, error) {
	raws, err := split(text)
	if err != nil {
		return nil, err
	}
	all := make([]advisor.NodeReport, len(raws))
	for i, r := range raws {
		all[i] = r.read()
		if look != nil {
			look(&all[i], r.section)
		}
	}
	return all, nil
}
