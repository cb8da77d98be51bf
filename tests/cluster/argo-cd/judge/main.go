// Command judge has Argo CD's own code judge objects: their health, by the checks that Argo CD ships and
// those of an `argocd-cm`, and their sync wave.
//
// It reads {"configMap": {KEY: TEXT}, "objects": [OBJECT]} from stdin, and writes a list with one
// {"health": STATUS, "message": TEXT, "wave": NUMBER} for each object. The health is empty where no check
// speaks of the kind: Argo CD counts such an object as done at once.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync/syncwaves"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/fake"
)

const namespace = "argocd"

type question struct {
	ConfigMap map[string]string `json:"configMap"`
	Objects   []map[string]any  `json:"objects"`
}

type verdict struct {
	Health  string `json:"health"`
	Message string `json:"message"`
	Wave    int    `json:"wave"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal("stdin: ", err)
	}
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	client := fake.NewClientset(
		&core.ConfigMap{
			ObjectMeta: meta.ObjectMeta{Name: "argocd-cm", Namespace: namespace, Labels: labels},
			Data:       asked.ConfigMap,
		},
		&core.Secret{
			ObjectMeta: meta.ObjectMeta{Name: "argocd-secret", Namespace: namespace, Labels: labels},
		},
	)
	overrides, err := settings.NewSettingsManager(context.Background(), client, namespace).GetResourceOverrides()
	if err != nil {
		log.Fatal("argocd-cm: ", err)
	}
	verdicts := make([]verdict, 0, len(asked.Objects))
	for _, fields := range asked.Objects {
		object := &unstructured.Unstructured{Object: fields}
		found, err := health.GetResourceHealth(object, lua.ResourceHealthOverrides(overrides))
		if err != nil {
			log.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
		}
		one := verdict{Wave: syncwaves.Wave(object)}
		if found != nil {
			one.Health, one.Message = string(found.Status), found.Message
		}
		verdicts = append(verdicts, one)
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal("stdout: ", err)
	}
}
