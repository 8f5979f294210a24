package investigation

import "fmt"

// accountOfKeys takes the account from the ids of the keys where no record names any:
// exports of the console's event history are of one account and leave its number out.
func (in *inquiry) accountOfKeys() {
	if len(in.res.Accounts) > 0 {
		return
	}
	if a := in.pass.outline.Account(); a != "" {
		in.res.Accounts = []string{a}
		in.assume("", fmt.Sprintf("No record names the account: its number, %s, is read from the ids of the access keys, which carry it.", a))
	}
}
