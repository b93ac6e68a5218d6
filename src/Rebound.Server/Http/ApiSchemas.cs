using Microsoft.OpenApi;

namespace Rebound.Server.Http;

/// <summary>The answers of the server as schemas of the OpenAPI document: the members that every one of a kind has.</summary>
internal static class ApiSchemas
{
    public const string Agents = "AgentList";
    public const string AgentRun = "AgentRun";
    public const string ChatCompletion = "ChatCompletion";
    public const string Completion = "Completion";
    public const string Error = "Error";
    public const string Health = "Health";
    public const string Model = "Model";
    public const string Models = "ModelList";
    public const string Response = "Response";
    public const string Text = "DetokenizedText";
    public const string Tokens = "TokenList";

    private const string Agent = "Agent";
    private const string Usage = "Usage";

    /// <summary>Every schema by its name.</summary>
    public static IReadOnlyDictionary<string, Func<OpenApiDocument, OpenApiSchema>> All { get; } =
        new Dictionary<string, Func<OpenApiDocument, OpenApiSchema>>(StringComparer.Ordinal)
        {
            [Error] = _ => Object(("error", Object(
                ("message", Is(JsonSchemaType.String)), ("type", Is(JsonSchemaType.String)), ("param", OrNull(JsonSchemaType.String)),
                ("code", OrNull(JsonSchemaType.String))))),
            [Usage] = _ => Object(
                ("prompt_tokens", Is(JsonSchemaType.Integer)), ("completion_tokens", Is(JsonSchemaType.Integer)),
                ("total_tokens", Is(JsonSchemaType.Integer)),
                ("prompt_tokens_details", Object(("cached_tokens", Is(JsonSchemaType.Integer))))),
            [ChatCompletion] = document => Answers(document, ("message", Is(JsonSchemaType.Object))),
            [Completion] = document => Answers(document, ("text", Is(JsonSchemaType.String))),
            [Response] = _ => Made(
                "created_at", ("status", Is(JsonSchemaType.String)), ("model", Is(JsonSchemaType.String)),
                ("output", ListOf(Is(JsonSchemaType.Object))), ("previous_response_id", OrNull(JsonSchemaType.String)),
                ("usage", OrNull(JsonSchemaType.Object))),
            [AgentRun] = document => Made(
                "created", ("agent", Is(JsonSchemaType.String)), ("model", Is(JsonSchemaType.String)),
                ("condition", Is(JsonSchemaType.String)), ("tools", ListOf(Is(JsonSchemaType.String))),
                ("status", Is(JsonSchemaType.String)), ("answer", OrNull(JsonSchemaType.String)),
                ("cause", OrNull(JsonSchemaType.String)), ("detail", OrNull(JsonSchemaType.String)),
                ("seconds", Is(JsonSchemaType.Number)), ("usage", Of(Usage, document)), ("trajectory", Is(JsonSchemaType.Object))),
            [Agent] = _ => Made(
                "created", ("owned_by", Is(JsonSchemaType.String)), ("task", OrNull(JsonSchemaType.String)),
                ("tool_format", Is(JsonSchemaType.String)), ("tools", ListOf(Is(JsonSchemaType.Object))),
                ("conditions", ListOf(Is(JsonSchemaType.String)))),
            [Agents] = document => Listed(Agent, document),
            [Model] = _ => Made(
                "created", ("owned_by", Is(JsonSchemaType.String)), ("root", Is(JsonSchemaType.String)),
                ("parent", OrNull(JsonSchemaType.String)), ("max_model_len", Is(JsonSchemaType.Integer))),
            [Models] = document => Listed(Model, document),
            [Tokens] = _ => Object(
                ("count", Is(JsonSchemaType.Integer)), ("max_model_len", Is(JsonSchemaType.Integer)),
                ("tokens", ListOf(Is(JsonSchemaType.Integer)))),
            [Text] = _ => Object(("prompt", Is(JsonSchemaType.String))),
            [Health] = _ => Object(("status", Is(JsonSchemaType.String))),
        };

    public static IOpenApiSchema Of(string name, OpenApiDocument document) => new OpenApiSchemaReference(name, document);

    public static OpenApiSchema Is(JsonSchemaType type) => new() { Type = type };

    private static OpenApiSchema OrNull(JsonSchemaType type) => new() { Type = type | JsonSchemaType.Null };

    private static OpenApiSchema ListOf(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Object(params (string Name, IOpenApiSchema Schema)[] members) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = members.ToDictionary(member => member.Name, member => member.Schema),
        Required = members.Select(member => member.Name).ToHashSet(StringComparer.Ordinal),
    };

    /// <summary>Things with an id, a kind and a time.</summary>
    private static OpenApiSchema Made(string time, params (string Name, IOpenApiSchema Schema)[] members) => Object(
    [
        ("id", Is(JsonSchemaType.String)), ("object", Is(JsonSchemaType.String)), (time, Is(JsonSchemaType.Integer)), .. members,
    ]);

    private static OpenApiSchema Listed(string name, OpenApiDocument document) =>
        Object(("object", Is(JsonSchemaType.String)), ("data", ListOf(Of(name, document))));

    /// <param name="said">What each answer holds.</param>
    private static OpenApiSchema Answers(OpenApiDocument document, (string Name, IOpenApiSchema Schema) said) => Made(
        "created", ("model", Is(JsonSchemaType.String)),
        ("choices", ListOf(Object(
            ("index", Is(JsonSchemaType.Integer)), said, ("finish_reason", OrNull(JsonSchemaType.String))))),
        ("usage", Of(Usage, document)));
}
