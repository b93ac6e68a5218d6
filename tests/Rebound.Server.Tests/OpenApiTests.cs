using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Microsoft.OpenApi;

namespace Rebound.Server.Tests;

/// <summary>The document at <c>/openapi</c>, held to the standard's rules by its own library and to what the server answers.</summary>
[Collection(TrainedAgentTestGroup.Name)]
public sealed class OpenApiTests(TrainedAgentFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_breaks_no_rule_and_holds_the_protocol_alone()
    {
        var text = await fixture.Server.Http.GetStringAsync(Endpoints.DocumentPath, Cancellation);

        var (document, diagnostic) = OpenApiDocument.Parse(text, "json");

        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        Assert.Equal(13, document!.Paths.Count);
        foreach (var (path, item) in document.Paths)
        {
            var operation = Assert.Single(item.Operations!).Value;
            Assert.NotNull(operation.OperationId);
            Assert.Equal(
                path.Contains("{name}", StringComparison.Ordinal) ? ["name"] : [],
                (operation.Parameters ?? []).Where(parameter => parameter is { In: ParameterLocation.Path, Required: true }).Select(parameter => parameter.Name));
            Assert.All(operation.Responses!.Values, response => Assert.NotEmpty(response.Content!));
        }

        Assert.DoesNotContain("JsonElement", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Request.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("wants_logprobs", text, StringComparison.Ordinal);
        Assert.Null(document.Security);
    }

    [Theory]
    [InlineData("post", "/v1/chat/completions", """{"messages":[{"role":"user","content":"6-2?"}],"max_tokens":3,"logit_bias":null,"stream_options":{"include_usage":true}}""")]
    [InlineData("post", "/v1/completions", """{"prompt":"6","max_tokens":3}""")]
    [InlineData("post", "/v1/responses", """{"input":"6-2?","max_output_tokens":3,"metadata":{"a":"b"}}""")]
    [InlineData("post", "/v1/agents/{name}/run", """{"question":"6-2?","max_tokens":3,"messages":null}""")]
    [InlineData("post", "/tokenize", """{"messages":[{"role":"user","content":"6-2?"}]}""")]
    [InlineData("post", "/detokenize", """{"tokens":[1,2]}""")]
    [InlineData("get", "/v1/agents", null)]
    [InlineData("get", "/v1/models", null)]
    [InlineData("get", "/v1/models/{name}", null)]
    [InlineData("get", "/health", null)]
    [InlineData("post", "/v1/chat/completions", """{"messages":[{"role":"user","content":"6-2?"}],"max_tokens":"3"}""", 400)]
    [InlineData("post", "/v1/unload_lora_adapter", """{"lora_name":"x"}""", 403)]
    public async Task Requests_and_answers_are_as_it_says(string method, string path, string? body, int status = 200)
    {
        var document = JsonNode.Parse(await fixture.Server.Http.GetStringAsync(Endpoints.DocumentPath, Cancellation))!;
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path.Replace("{name}", "agent", StringComparison.Ordinal))
        {
            Content = body is null ? null : new StringContent(body),
        };

        using var response = await fixture.Server.Http.SendAsync(request, Cancellation);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(status, (int)response.StatusCode);
        var operation = document["paths"]![path]![method]!;
        Assert.Equal("", Problem(document, operation["responses"]![status == 200 ? "200" : "default"]!, answer));
        if (body is not null && status != 403)
        {
            Assert.Equal(status == 200, Problem(document, operation["requestBody"]!, body).Length == 0);
        }
    }

    [Fact]
    public async Task A_server_that_asks_for_a_key_says_so()
    {
        await using var server = await ModelServer.StartAsync(new ServerOptions { Port = 0, ApiKey = "secret" }, Cancellation);
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");

        var document = JsonNode.Parse(await http.GetStringAsync(Endpoints.DocumentPath, Cancellation))!;

        Assert.Equal("bearer", (string?)document["components"]!["securitySchemes"]!["key"]!["scheme"]);
        Assert.Equal("""[{"key":[]}]""", document["security"]!.ToJsonString());
    }

    /// <summary>Why a body is not what the document says of it; empty where it is.</summary>
    private static string Problem(JsonNode document, JsonNode of, string body)
    {
        var schema = of["content"]!["application/json"]!["schema"]!.DeepClone().AsObject();
        schema["$defs"] = document["components"]!["schemas"]!.DeepClone();
        var text = schema.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
        var result = JsonSchema.FromText(text).Evaluate(
            JsonDocument.Parse(body).RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid ? "" : "at " + string.Join("; ", (result.Details ?? []).Where(detail => detail.Errors is not null)
            .Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}"));
    }
}
