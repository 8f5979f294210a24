package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

// wellFormed says whether an answer in XML came whole.
func wellFormed(data []byte) bool {
	d, root := xml.NewDecoder(bytes.NewReader(data)), false
	for {
		t, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && root
		}
		if _, ok := t.(xml.StartElement); ok {
			root = true
		}
	}
}

// idInXML is the request id that EC2 writes into its answers.
func idInXML(data []byte) string {
	var answer struct {
		ID string `xml:"requestId"`
	}
	_ = xml.Unmarshal(data, &answer)
	return answer.ID
}

// errorInXML is the code and message of a refusal by EC2.
func errorInXML(data []byte) (code, message string) {
	var body struct {
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	_ = xml.Unmarshal(data, &body) // a proxy may answer HTML: then the status alone speaks
	return body.Code, body.Message
}
