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
// what is made of it. A report that may be of the network of a pod is not looked into.
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
	return untar(file, look)
}

// untar reads the reports of all files of an archive. An archive can be much smaller than
// what it holds: the bound is on the sum.
func untar(file []byte, look func(*advisor.NodeReport, Sections)) ([]advisor.NodeReport, error) {
	var all []advisor.NodeReport
	archive, left := tar.NewReader(bytes.NewReader(file)), int64(maxText)
	for range maxReports {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) && len(all) == 0 {
			return nil, errors.New("the archive holds no report of kpadvisor node-script")
		}
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, errors.New("it is no tar archive from some byte on")
		}
		if h.Typeflag != tar.TypeReg || h.Size == 0 {
			continue
		}
		if h.Size > left {
			return nil, fmt.Errorf("the files of the archive are larger than %d MiB together", maxText>>20)
		}
		text, err := files.Bounded(archive, left)
		if err != nil {
			return nil, fmt.Errorf("a file of the archive cannot be read: %w", err)
		}
		left -= int64(len(text))
		reports, err := parse(text, look)
		if err != nil {
			continue // a tar may hold other files
		}
		if all = append(all, reports...); len(all) > maxReports {
			return nil, errors.New("the archive holds too many reports")
		}
	}
	return nil, errors.New("the archive holds too many files")
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
		if look != nil && r.ownNetwork(all[i]) {
			look(&all[i], r.section)
		}
	}
	return all, nil
}
