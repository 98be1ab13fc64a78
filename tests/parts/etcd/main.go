// Command etcd is the etcd server: its module cannot be installed by name, as it points at relative folders.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
