using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Server.Http;
using Rebound.Server.Serving;
using Rebound.Trajectories;

namespace Rebound.Server.OpenAi;

/// <summary>Writes an answer as a <c>response</c>, and streams as the events that lead to it.</summary>
/// <param name="keep">Is given the whole answer when it has ended.</param>
internal sealed class ResponsesWriter(
    RequestScope scope, ResponsesRequest request, PreparedAnswer asked, Action<ResponsesWriter.Answer> keep) : IAnswerWriter
{
    private const string Incomplete = "incomplete";

    private readonly string _id = Ids.New("resp_");
    private readonly ResponseItems _items = new();
    private int _events;

    public void WriteWhole(Utf8JsonWriter writer, AnswerRun run)
    {
        var choice = run.Choices[0];
        _items.Add(null, choice.Reasoning, choice.Text, [.. choice.Calls.Select((call, index) =>
            new CallDelta(index, call.Id, call.Name, call.Arguments))]);
        var status = StatusOf(choice.Finish);
        _items.End(null, request.WantsLogprobs ? Logprobs(choice) : null, status);
        Response(status, UsageOf(run), choice).WriteTo(writer);
        keep(new Answer(_id, choice.Text, choice.Reasoning, choice.Calls));
    }

    public void Add(EventStream stream, int choice, ChoiceDelta delta, Usage? usage)
    {
        if (_events == 0)
        {
            Send(stream, "response.created", new JsonObject { ["response"] = Response("in_progress", null) });
            Send(stream, "response.in_progress", new JsonObject { ["response"] = Response("in_progress", null) });
        }

        _items.Add((name, members) => Send(stream, name, members), delta.Reasoning, delta.Text, delta.Calls);
    }

    public void AddUsage(EventStream stream, Usage usage)
    {
        // The last event has it.
    }

    public void AddEnd(EventStream stream, AnswerRun run)
    {
        var choice = run.Choices[0];
        var status = StatusOf(choice.Finish);
        _items.End((name, members) => Send(stream, name, members), request.WantsLogprobs ? Logprobs(choice) : null, status);
        Send(stream, $"response.{status}", new JsonObject { ["response"] = Response(status, UsageOf(run), choice) });
        keep(new Answer(_id, choice.Text, choice.Reasoning, choice.Calls));
    }

    public void AddError(EventStream stream, ApiException error) => Send(stream, "error", new JsonObject
    {
        ["code"] = error.Code ?? error.Type,
        ["message"] = error.Message,
        ["param"] = error.Parameter,
    });

    private static string StatusOf(string? finish) => finish == ChoiceReader.Length ? Incomplete : ResponseItems.Completed;

    private JsonArray Logprobs(ChoiceReader choice)
    {
        var writer = new LogprobWriter(asked.Model.Texts, request.ReturnTokensAsTokenIds == true);
        return [.. choice.Steps.Select(step =>
        {
            var one = new System.Buffers.ArrayBufferWriter<byte>();
            WireJson.Write(one, output => writer.WriteStep(output, step));
            return JsonNode.Parse(one.WrittenSpan);
        })];
    }

    private void Send(EventStream stream, string name, JsonObject members)
    {
        members.Insert(0, "type", name);
        members["sequence_number"] = _events++;
        stream.Add(writer => members.WriteTo(writer), name);
    }

    /// <param name="usage">Null while it is not known.</param>
    /// <param name="choice">The whole answer; null while it goes on.</param>
    private JsonObject Response(string status, JsonObject? usage, ChoiceReader? choice = null)
    {
        var response = Response(status, usage);
        if (request.ReturnTokenIds == true && choice is not null)
        {
            response["prompt_token_ids"] = new JsonArray([.. asked.Prompt.Select(token => (JsonNode)token)]);
            response["token_ids"] = new JsonArray([.. choice.Steps.Select(step => (JsonNode)step.Token)]);
        }

        return response;
    }

    private JsonObject Response(string status, JsonObject? usage) => new()
    {
        ["id"] = _id,
        ["object"] = "response",
        ["created_at"] = scope.Created,
        ["status"] = status,
        ["background"] = false,
        ["error"] = null,
        ["incomplete_details"] = status == Incomplete ? new JsonObject { ["reason"] = "max_output_tokens" } : null,
        ["instructions"] = request.Instructions,
        ["max_output_tokens"] = request.MaxOutputTokens,
        ["model"] = scope.ModelName,
        ["output"] = _items.Output.DeepClone(),
        ["parallel_tool_calls"] = request.ParallelToolCalls ?? true,
        ["previous_response_id"] = request.PreviousResponseId,
        ["reasoning"] = new JsonObject { ["effort"] = ResponsesInput.Effort(request.Reasoning), ["summary"] = null },
        ["store"] = request.Store ?? true,
        ["temperature"] = asked.Options.Sampling.Temperature,
        ["text"] = Node(request.Text) ?? new JsonObject { ["format"] = new JsonObject { ["type"] = "text" } },
        ["tool_choice"] = Node(request.ToolChoice) ?? "auto",
        ["tools"] = Node(request.Tools) ?? new JsonArray(),
        ["top_p"] = asked.Options.Sampling.TopP,
        ["truncation"] = "disabled",
        ["usage"] = usage,
        ["user"] = null,
        ["metadata"] = Node(request.Metadata) ?? new JsonObject(),
    };

    private static JsonNode? Node(JsonElement? element) => element is { } given ? StrictJson.Node(given) : null;

    private static JsonObject UsageOf(AnswerRun run)
    {
        var usage = run.Usage;
        return new JsonObject
        {
            ["input_tokens"] = usage.Prompt,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.Cached },
            ["output_tokens"] = usage.Completion,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = run.Choices.Sum(choice => choice.ReasoningTokens) },
            ["total_tokens"] = usage.Prompt + usage.Completion,
        };
    }

    /// <summary>A whole answer.</summary>
    public sealed record Answer(string Id, string Text, string Reasoning, IReadOnlyList<ToolCall> Calls);
}
