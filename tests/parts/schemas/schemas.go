// Package schemas names the types whose published schemas Chartroom's exports are held against. controller-gen, the tool
// by which their projects make them, makes them from these very types (see build_schemas in ../get).
package schemas

import (
	_ "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	_ "github.com/fluxcd/helm-controller/api/v2"
	_ "github.com/fluxcd/source-controller/api/v1"
	_ "github.com/k3s-io/helm-controller/pkg/apis/helm.cattle.io/v1"
)
