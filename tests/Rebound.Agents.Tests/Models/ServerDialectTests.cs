using System.Text.Json.Nodes;
using Rebound.Agents.Models.Protocol;

namespace Rebound.Agents.Tests.Models;

/// <summary>What is known of servers by their addresses, and what their refusals are taken for.</summary>
public sealed class ServerDialectTests
{
    private static readonly JsonObject Request = JsonNode.Parse(
        """{"model": "m", "messages": [], "stream": true, "max_completion_tokens": 64, "seed": 7, "stop": ["x"], "temperature": 0.2,"""
            + """ "tool_choice": "required"}""")!.AsObject();

    [Theory]
    [InlineData("https://api.openai.com/v1", "max_completion_tokens", "seed", "required")]
    [InlineData("https://r.openai.azure.com/openai/v1", "max_completion_tokens", "seed", "required")]
    [InlineData("https://api.mistral.ai/v1", "max_tokens", "random_seed", "any")]
    [InlineData("http://localhost:8080/v1", "max_tokens", "seed", "required")]
    [InlineData("https://notmistral.ai/v1", "max_tokens", "seed", "required")]
    public void Members_are_called_what_their_server_calls_them(string address, string limit, string seed, string choice)
    {
        var adapted = new ServerDialect(new Uri(address), null, null).Adapt(Request);

        Assert.Equal(
            (64, 7, choice, Request.Count), ((int?)adapted[limit], (int?)adapted[seed], (string?)adapted["tool_choice"], adapted.Count));
    }

    [Theory]
    [InlineData("""{"error": {"message": "Unsupported parameter: 'stop' is not supported with this model."}}""", "stop")]
    [InlineData("""{"error": {"message": "Unknown field: seed"}}""", "seed")]
    [InlineData("""{"error": {"message": "temperature does not support 0.2"}}""", "temperature")]
    [InlineData("""{"detail": [{"loc": ["body", "tool_choice"], "msg": "no"}]}""", "tool_choice")]
    [InlineData("json: unknown field \"seed\"", "seed")]
    [InlineData("""{"error": {"message": "do not stop"}}""", null)]
    [InlineData("""{"error": {"message": "'messages' is invalid", "param": "messages"}}""", null)]
    [InlineData("""{"error": {"message": "max_completion_tokens is too large: 64"}}""", null)]
    [InlineData("""{"error": {"message": "max_completion_tokens not allowed: the maximum context length is 16"}}""", null)]
    [InlineData("", null)]
    public void A_refusal_names_a_parameter_or_is_of_something_else(string refusal, string? parameter) =>
        Assert.Equal(parameter, RefusedParameters.Find(refusal, Request, []));

    [Fact]
    public void A_limit_that_is_refused_by_both_names_is_left_out()
    {
        var told = new List<string>();
        var dialect = new ServerDialect(new Uri("http://user:secret@localhost/v1?key=secret"), null, told.Add);

        Assert.True(dialect.Learn(dialect.Adapt(Request), "unknown field max_tokens"));
        Assert.True(dialect.Learn(dialect.Adapt(Request), "unknown field max_completion_tokens"));

        Assert.Equal(
            [
                "http://localhost/v1 refuses max_tokens (unknown field max_tokens); max_completion_tokens is sent instead.",
                "http://localhost/v1 refuses max_completion_tokens (unknown field max_completion_tokens); requests go without it "
                    + "from here on.",
            ],
            told);
        Assert.DoesNotContain(dialect.Adapt(Request), member => member.Key.StartsWith("max", StringComparison.Ordinal));
    }
}
