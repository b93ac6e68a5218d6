using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Server.Http;
using Rebound.Trajectories;

namespace Rebound.Server.OpenAi;

/// <summary>Turns a request for a response into a chat request, which says the same.</summary>
internal static class ResponsesInput
{
    /// <param name="before">The messages of the response that it follows; empty for none.</param>
    /// <param name="messages">The conversation without instructions, to go on from later.</param>
    /// <param name="places">Where the messages of the chat come from.</param>
    /// <exception cref="ApiException">An item cannot be read.</exception>
    public static ChatRequest ToChat(ResponsesRequest request, JsonArray before, out JsonArray messages, out ItemPlaces places)
    {
        CheckAnswers(request);
        messages = before.DeepClone().AsArray();
        var from = Enumerable.Repeat("previous_response_id", messages.Count).ToList();
        Add(messages, request.Input, from);
        var asked = messages.DeepClone().AsArray();
        if (!string.IsNullOrEmpty(request.Instructions))
        {
            asked.Insert(0, new JsonObject { ["role"] = Roles.System, ["content"] = request.Instructions });
            from.Insert(0, "instructions");
        }

        places = new ItemPlaces(from);

        return new ChatRequest
        {
            Model = request.Model,
            Messages = StrictJson.Element(asked),
            MaxCompletionTokens = request.MaxOutputTokens ?? request.MaxTokens,
            Temperature = request.Temperature,
            TopP = request.TopP,
            TopK = request.TopK,
            MinP = request.MinP,
            RepetitionPenalty = request.RepetitionPenalty,
            PresencePenalty = request.PresencePenalty,
            FrequencyPenalty = request.FrequencyPenalty,
            LogitBias = request.LogitBias,
            Seed = request.Seed,
            Stop = request.Stop,
            StopTokenIds = request.StopTokenIds,
            IgnoreEos = request.IgnoreEos,
            MinTokens = request.MinTokens,
            AllowedTokenIds = request.AllowedTokenIds,
            BadWords = request.BadWords,
            IncludeStopStrInOutput = request.IncludeStopStrInOutput,
            SkipSpecialTokens = request.SkipSpecialTokens,
            ReasoningEffort = Effort(request.Reasoning),
            ReturnTokenIds = request.ReturnTokenIds,
            Stream = request.Stream,
            Tools = Tools(request.Tools),
            ToolChoice = ToolChoice(request.ToolChoice),
            ParallelToolCalls = request.ParallelToolCalls,
            ResponseFormat = Format(request.Text) ?? request.ResponseFormat,
            StructuredOutputs = request.StructuredOutputs,
            GuidedJson = request.GuidedJson,
            GuidedRegex = request.GuidedRegex,
            GuidedChoice = request.GuidedChoice,
            GuidedGrammar = request.GuidedGrammar,
            Grammar = request.Grammar,
            ChatTemplateKwargs = request.ChatTemplateKwargs,
            Guidance = request.Guidance,
            Logprobs = request.WantsLogprobs ? true : null,
            TopLogprobs = request.WantsLogprobs ? request.TopLogprobs : null,
        };
    }

    /// <exception cref="ApiException">Something is asked for that a response does not tell.</exception>
    private static void CheckAnswers(ResponsesRequest request)
    {
        if (request.N is { } count and not 1)
        {
            throw ApiException.Invalid(
                "n", $"'n' is {count}, and must be 1: a response is one answer. POST {ChatEndpoint.Path} has several.");
        }

        if (request.PromptLogprobs is not null)
        {
            throw ApiException.Invalid(
                "prompt_logprobs",
                $"'prompt_logprobs' cannot be kept to in a response; POST {ChatEndpoint.Path} and {CompletionEndpoint.Path} have them.");
        }
    }

    /// <summary>Items as the messages of a chat: a request's input, or a response's output.</summary>
    /// <param name="items">A text, or a list.</param>
    /// <exception cref="ApiException">An item cannot be read.</exception>
    public static JsonArray Messages(JsonElement? items)
    {
        var messages = new JsonArray();
        Add(messages, items, []);
        return messages;
    }

    /// <summary>An answer as the assistant's message of a chat.</summary>
    public static JsonObject Message(string text, string reasoning, IReadOnlyList<ToolCall> calls)
    {
        var message = new JsonObject { ["role"] = Roles.Assistant, ["content"] = text };
        if (reasoning.Length > 0)
        {
            message[Turn.ReasoningMember] = reasoning;
        }

        foreach (var call in calls)
        {
            AddCall(message, call.Id!, call.Name, call.Arguments);
        }

        return message;
    }

    /// <param name="places">Of the messages; those of the new ones are added.</param>
    private static void Add(JsonArray messages, JsonElement? input, List<string> places)
    {
        switch (input)
        {
            case { ValueKind: JsonValueKind.String } text:
                messages.Add((JsonNode)new JsonObject { ["role"] = Roles.User, ["content"] = text.GetString() });
                places.Add(ItemPlaces.Input);
                break;
            case { ValueKind: JsonValueKind.Array } items:
                string? reasoning = null;
                foreach (var (index, item) in items.EnumerateArray().Index())
                {
                    var place = $"{ItemPlaces.Input}[{index}]";
                    reasoning = AddItem(messages, item, place, reasoning);
                    places.AddRange(Enumerable.Repeat(place, messages.Count - places.Count));
                }

                break;
            default:
                throw ApiException.Invalid(ItemPlaces.Input, $"'{ItemPlaces.Input}' must be a text, or a list of items.");
        }
    }

    /// <param name="reasoning">Reasoning that came before, and belongs to the next thing that the assistant said.</param>
    /// <returns>Reasoning that is still to be added.</returns>
    private static string? AddItem(JsonArray messages, JsonElement item, string path, string? reasoning)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw ApiException.Invalid(path, $"'{path}' is {RequestBody.Kind(item)}, and must be an item.");
        }

        switch (Text(item, "type") ?? "message")
        {
            case "message":
                var role = Text(item, "role") ?? Roles.User;
                var message = new JsonObject { ["role"] = role, ["content"] = Content(item, path) };
                if (reasoning is not null && role == Roles.Assistant)
                {
                    message[Turn.ReasoningMember] = reasoning;
                    reasoning = null;
                }

                messages.Add((JsonNode)message);
                return reasoning;
            case "function_call":
                var last = messages.Count > 0 ? messages[^1] as JsonObject : null;
                if ((string?)last?["role"] != Roles.Assistant)
                {
                    last = new JsonObject { ["role"] = Roles.Assistant, ["content"] = "" };
                    if (reasoning is not null)
                    {
                        last[Turn.ReasoningMember] = reasoning;
                    }

                    messages.Add((JsonNode)last);
                }

                AddCall(last!, Required(item, "call_id", path), Required(item, "name", path), Text(item, "arguments") ?? "{}");
                return null;
            case "function_call_output":
                messages.Add((JsonNode)new JsonObject
                {
                    ["role"] = Roles.Tool,
                    ["tool_call_id"] = Required(item, "call_id", path),
                    ["content"] = item.TryGetProperty("output", out var output) ? StrictJson.Node(output) : "",
                });
                return reasoning;
            case "reasoning":
                return string.Concat(Parts(item, "content").Concat(Parts(item, "summary")));
            case var type:
                throw ApiException.Invalid(
                    $"{path}.type", $"'{path}' is a '{type}'; there are message, function_call, function_call_output, reasoning.");
        }
    }

    private static JsonNode? Content(JsonElement item, string path) => item.TryGetProperty("content", out var content)
        ? StrictJson.Node(content)
        : throw ApiException.Invalid($"{path}.content", $"'{path}' has no 'content'.");

    private static IEnumerable<string> Parts(JsonElement item, string member) =>
        item.TryGetProperty(member, out var parts) && parts.ValueKind == JsonValueKind.Array
            ? parts.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object).Select(part => Text(part, "text") ?? "")
            : [];

    private static void AddCall(JsonObject message, string id, string name, string arguments)
    {
        var calls = message["tool_calls"] as JsonArray ?? [];
        message["tool_calls"] ??= calls;
        calls.Add((JsonNode)new JsonObject
        {
            ["id"] = id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
        });
    }

    /// <summary>Functions, which stand by themselves here and under a member in chats; tools of OpenAI's own servers are none.</summary>
    public static JsonElement? Tools(JsonElement? tools)
    {
        if (tools is not { ValueKind: JsonValueKind.Array } list)
        {
            return tools;
        }

        var wrapped = new JsonArray();
        foreach (var (index, tool) in list.EnumerateArray().Index())
        {
            var type = tool.ValueKind == JsonValueKind.Object ? Text(tool, "type") : null;
            if (type != "function")
            {
                throw ApiException.Invalid($"tools[{index}]", $"'tools[{index}]' is of the type '{type}'; there are functions alone here.");
            }

            _ = Required(tool, "name", $"tools[{index}]");
            var function = JsonObject.Create(tool)!;
            function.Remove("type");
            wrapped.Add((JsonNode)new JsonObject { ["type"] = "function", ["function"] = function });
        }

        return StrictJson.Element(wrapped);
    }

    private static JsonElement? ToolChoice(JsonElement? choice)
    {
        const string Member = "tool_choice";
        if (choice is not { ValueKind: JsonValueKind.Object } named)
        {
            return choice;
        }

        return Text(named, "type") is "function" && Text(named, "name") is { } name
            ? StrictJson.Element(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } })
            : throw ApiException.Invalid(
                Member, $"'{Member}' must be none, auto, required, or {{\"type\": \"function\", \"name\": …}}.");
    }

    private static JsonElement? Format(JsonElement? text) =>
        text is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("format", out var format) ? format : null;

    /// <summary>How much the model is to reason; null where that is not said.</summary>
    public static string? Effort(JsonElement? reasoning) =>
        reasoning is { ValueKind: JsonValueKind.Object } given ? Text(given, "effort") : null;

    private static string Required(JsonElement item, string member, string path) => Text(item, member)
        ?? throw ApiException.Invalid($"{path}.{member}", $"'{path}' has no '{member}'.");

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
