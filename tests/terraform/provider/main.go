// A Terraform provider that knows its schema and does nothing: enough for `terraform validate`, and for
// `terraform test` with mock_provider, which computes a whole plan without any account.
//
// It reads schema.json, beside itself, as provider_schemas.py writes it.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type attribute struct {
	Type     json.RawMessage `json:"type"`
	Nested   *nested         `json:"nested"`
	Required bool            `json:"required"`
	Optional bool            `json:"optional"`
	Computed bool            `json:"computed"`
}

type nested struct {
	Nesting    string               `json:"nesting"`
	Attributes map[string]attribute `json:"attributes"`
}

type nestedBlock struct {
	Nesting string `json:"nesting"`
	Min     int64  `json:"min"`
	Block   block  `json:"block"`
}

type block struct {
	Attributes map[string]attribute   `json:"attributes"`
	Blocks     map[string]nestedBlock `json:"blocks"`
}

type schemas struct {
	Address   string           `json:"address"`
	Provider  block            `json:"provider"`
	Resources map[string]block `json:"resources"`
	Data      map[string]block `json:"data"`
}

var nestings = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
}

var objectNestings = map[string]tfprotov6.SchemaObjectNestingMode{
	"list":   tfprotov6.SchemaObjectNestingModeList,
	"map":    tfprotov6.SchemaObjectNestingModeMap,
	"single": tfprotov6.SchemaObjectNestingModeSingle,
}

func (b block) proto() *tfprotov6.SchemaBlock {
	result := &tfprotov6.SchemaBlock{Attributes: protoAttributes(b.Attributes)}
	for name, inner := range b.Blocks {
		result.BlockTypes = append(result.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: inner.Block.proto(), Nesting: nestings[inner.Nesting], MinItems: inner.Min,
		})
	}
	return result
}

func protoAttributes(attributes map[string]attribute) []*tfprotov6.SchemaAttribute {
	var result []*tfprotov6.SchemaAttribute
	for name, a := range attributes {
		proto := &tfprotov6.SchemaAttribute{Name: name, Required: a.Required, Optional: a.Optional, Computed: a.Computed}
		if a.Nested != nil {
			proto.NestedType = &tfprotov6.SchemaObject{
				Attributes: protoAttributes(a.Nested.Attributes), Nesting: objectNestings[a.Nested.Nesting],
			}
		} else {
			kind, err := tftypes.ParseJSONType(a.Type) //nolint:staticcheck // the only parser of this notation
			if err != nil {
				log.Fatalf("%s: %s: %v", name, a.Type, err)
			}
			proto.Type = kind
		}
		result = append(result, proto)
	}
	return result
}

func all(blocks map[string]block) map[string]*tfprotov6.Schema {
	result := map[string]*tfprotov6.Schema{}
	for name, b := range blocks {
		result[name] = &tfprotov6.Schema{Block: b.proto()}
	}
	return result
}

// server answers what Terraform asks before it would change anything; the rest is nil and never called.
type server struct {
	tfprotov6.ProviderServer
	schemas schemas
}

func (s server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return &tfprotov6.GetMetadataResponse{}, nil
}

func (s server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:          &tfprotov6.Schema{Block: s.schemas.Provider.proto()},
		ResourceSchemas:   all(s.schemas.Resources),
		DataSourceSchemas: all(s.schemas.Data),
	}, nil
}

func (s server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s server) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func read() schemas {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(self), "schema.json"))
	if err != nil {
		log.Fatal(err)
	}
	var result schemas
	if err := json.Unmarshal(text, &result); err != nil {
		log.Fatal(err)
	}
	return result
}

func main() {
	known := read()
	err := tf6server.Serve(known.Address, func() tfprotov6.ProviderServer { return server{schemas: known} })
	if err != nil {
		log.Fatal(err)
	}
}
