using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Rebound.Server.Http;

/// <summary>
/// Completes the OpenAPI document that is made of the endpoints by itself: with what they answer, what is in their paths, and the key.
/// </summary>
/// <param name="hasKey">Whether requests have to bring a key.</param>
internal sealed partial class ApiDocument(bool hasKey)
{
    private const string Json = "application/json";
    private const string Events = "text/event-stream";
    private const string KeyScheme = "key";

    /// <summary>Bodies are read as JSON whatever they are said to be, as curl's are a form's.</summary>
    public const string AnyBody = "*/*";

    public void Configure(OpenApiOptions options)
    {
        // What has no answer written down is a part of a page.
        options.ShouldInclude = endpoint => endpoint.ActionDescriptor.EndpointMetadata.OfType<ApiAnswer>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            Complete(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Complete(operation, context);
            return Task.CompletedTask;
        });
    }

    private static void Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var (endpoint, document) = (context.Description, context.Document!);
        var answer = endpoint.ActionDescriptor.EndpointMetadata.OfType<ApiAnswer>().Single();
        operation.RequestBody?.Content?.Remove(AnyBody);
        operation.Parameters =
        [
            .. InPath().Matches(endpoint.RelativePath ?? "").Select(name => new OpenApiParameter
            {
                Name = name.Groups[1].Value,
                In = ParameterLocation.Path,
                Required = true,
                Schema = ApiSchemas.Is(JsonSchemaType.String),
            }),
        ];
        var whole = new OpenApiResponse { Description = "The answer.", Content = new Dictionary<string, OpenApiMediaType>() };
        whole.Content[answer.Schema is null ? "text/plain" : Json] = new OpenApiMediaType
        {
            Schema = answer.Schema is null ? ApiSchemas.Is(JsonSchemaType.String) : ApiSchemas.Of(answer.Schema, document),
        };
        if (answer.IsStreamed)
        {
            whole.Content[Events] = new OpenApiMediaType { Schema = ApiSchemas.Is(JsonSchemaType.String) };
        }

        operation.Responses = new OpenApiResponses
        {
            ["200"] = whole,
            ["default"] = new OpenApiResponse
            {
                Description = "The request is refused, or failed: the message is a sentence for a person.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [Json] = new() { Schema = ApiSchemas.Of(ApiSchemas.Error, document) },
                },
            },
        };
    }

    private void Complete(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Rebound",
            Version = "1",
            Description = "A model behind OpenAI's protocol. Members that are not listed are accepted and have no effect.",
        };
        document.Components ??= new OpenApiComponents();
        var schemas = document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        foreach (var request in schemas.Values.OfType<OpenApiSchema>())
        {
            // Constructors' parameters count as needed there, and are not.
            request.Required = null;
            OpenValues(request);
        }

        schemas.Remove(nameof(System.Text.Json.JsonElement));
        foreach (var (name, schema) in ApiSchemas.All)
        {
            schemas[name] = schema(document);
        }

        if (hasKey)
        {
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
        }
    }

    /// <summary>Members that may be of several kinds are written down as null or anything, of which null is both and so neither.</summary>
    private static void OpenValues(OpenApiSchema request)
    {
        foreach (var (name, member) in request.Properties?.ToArray() ?? [])
        {
            if (References(member).FirstOrDefault(reference => reference.Reference.Id == nameof(System.Text.Json.JsonElement)) is { } any)
            {
                request.Properties![name] = new OpenApiSchema { Description = any.Reference.Description };
            }
        }
    }

    private static IEnumerable<OpenApiSchemaReference> References(IOpenApiSchema member) =>
        ((IEnumerable<IOpenApiSchema>)[member, .. member.OneOf ?? []]).OfType<OpenApiSchemaReference>();

    [GeneratedRegex(@"\{\*?(\w+)\}", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex InPath();
}
