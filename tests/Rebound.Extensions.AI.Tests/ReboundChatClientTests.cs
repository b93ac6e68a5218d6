using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Engine;
using Rebound.Inference.Serving;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Extensions.AI.Tests;

public sealed class ReboundChatClientTests(ClientFixture fixture) : IClassFixture<ClientFixture>
{
    private static readonly Dictionary<string, (ChatOptions Options, string Says)> Refused = new()
    {
        ["ConversationId"] = (new() { ConversationId = "c1" }, "The option ConversationId cannot be kept to"),
        ["RawRepresentationFactory"] = (new() { RawRepresentationFactory = _ => null }, "The option RawRepresentationFactory"),
        ["AdditionalProperties"] = (
            new() { AdditionalProperties = new() { ["best_of"] = 3 } },
            "The option AdditionalProperties[\"best_of\"] cannot be kept to: those that are known are min_p, repetition_penalty and guidance."),
        ["a property of another kind"] = (
            new() { AdditionalProperties = new() { ["min_p"] = "small" } }, "AdditionalProperties[\"min_p\"] is 'small', and must be a number."),
        ["Reasoning.Output"] = (new() { Reasoning = new() { Output = ReasoningOutput.Summary } }, "The option Reasoning.Output"),
        ["Reasoning.Effort"] = (new() { Reasoning = new() { Effort = ReasoningEffort.High } }, "Reasoning cannot be turned on"),
        ["Tools"] = (new() { Tools = [new HostedWebSearchTool()] }, "tools that are no functions"),
        ["ToolMode"] = (new() { ToolMode = ChatToolMode.RequireAny }, "A call is required, and there are no tools."),
        ["a tool that is not there"] = (
            new() { ToolMode = ChatToolMode.RequireSpecific("b"), Tools = [AIFunctionFactory.Create(() => 1, "a")] }, "A call of 'b' is required"),
        ["ModelId"] = (
            new() { ModelId = "other" },
            "There is no model 'other'. Those that there are: agent, agent:negative, agent:none, agent:raw, tuned"),
        ["a condition"] = (new() { ModelId = "agent:fair" }, "There is no model 'agent:fair'"),
        ["guidance without conditions"] = (
            new() { ModelId = "agent:raw", AdditionalProperties = new() { ["guidance"] = 1 } }, "Guidance draws between two conditions"),
        ["Temperature"] = (new() { Temperature = -1 }, "temperature is -1, and must be 0 (greedy) or more"),
        ["MaxOutputTokens"] = (new() { MaxOutputTokens = 0 }, "The number of new tokens is 0"),
        ["StopSequences"] = (new() { StopSequences = [""] }, "A stop string is empty"),
    };

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ReboundChatClient Client => fixture.Client;

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task An_option_that_cannot_be_kept_to_is_an_error_that_names_it(string name)
    {
        var (options, says) = Refused[name];

        var whole = await Assert.ThrowsAnyAsync<Exception>(() => Client.GetResponseAsync("Why?", options, Cancellation));
        var streamed = await Assert.ThrowsAnyAsync<Exception>(async () =>
            await Client.GetStreamingResponseAsync("Why?", options, Cancellation).ToChatResponseAsync(Cancellation));

        Assert.True(whole is NotSupportedException or ArgumentException or ModelException, whole.ToString());
        Assert.Contains(says, whole.Message, StringComparison.Ordinal);
        Assert.Equal(whole.Message, streamed.Message);
    }

    [Fact]
    public async Task A_content_that_is_not_read_is_an_error_that_names_it()
    {
        var picture = new ChatMessage(ChatRole.User, [new TextContent("What is it?"), new DataContent(new byte[] { 1 }, "image/png")]);

        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => Client.GetResponseAsync([picture], null, Cancellation));
        var empty = await Assert.ThrowsAsync<ArgumentException>(() => Client.GetResponseAsync([], null, Cancellation));
        var unasked = await Assert.ThrowsAsync<ArgumentException>(() =>
            Client.GetResponseAsync([new(ChatRole.System, "Be short.")], null, Cancellation));

        Assert.Contains("DataContent", refused.Message);
        Assert.Contains("There are no messages", empty.Message);
        Assert.Contains("'agent:raw' takes them as they stand", unasked.Message);
    }

    [Fact]
    public async Task Requests_at_the_same_time_are_one_batch_and_answered_as_alone()
    {
        var running = 0;
        var engine = Client.GetRequiredServedModels().Engine;
        engine.OnStep = _ => running = Math.Max(running, engine.Running);
        ChatOptions Options(int seed) => new() { Seed = seed, MaxOutputTokens = 60 };

        var together = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Client.GetResponseAsync($"Why {i}?", Options(i), Cancellation)));
        var most = running;
        var alone = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            alone.Add((await Client.GetResponseAsync($"Why {i}?", Options(i), Cancellation)).Text);
        }

        engine.OnStep = null;
        Assert.Equal(alone, together.Select(response => response.Text));
        Assert.InRange(most, 2, 4);
    }

    [Fact]
    public async Task Without_a_seed_answers_differ_from_each_other_and_come_again_in_a_new_client()
    {
        async Task<string[]> Ask()
        {
            using var client = Open();
            return
            [
                (await client.GetResponseAsync("Why?", new() { MaxOutputTokens = 20 }, Cancellation)).Text,
                (await client.GetResponseAsync("Why?", new() { MaxOutputTokens = 20 }, Cancellation)).Text,
            ];
        }

        var (first, second) = (await Ask(), await Ask());

        Assert.Equal(first, second);
        Assert.NotEqual(first[0], first[1]);
    }

    [Fact]
    public async Task An_adapter_is_a_model_of_its_own()
    {
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 20, ModelId = ClientFixture.Adapter };

        var tuned = await Client.GetResponseAsync("Why?", options, Cancellation);
        options.ModelId = "agent:raw";
        var plain = await Client.GetResponseAsync("Why?", options, Cancellation);

        Assert.Equal(ClientFixture.Adapter, tuned.ModelId);
        Assert.NotEqual(plain.Text, tuned.Text);
    }

    [Fact]
    public async Task An_answer_ends_with_its_cancellation_and_holds_nothing_after()
    {
        using var client = Open();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var endless = new ChatOptions { Tools = [], ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type": "string", "minLength": 3000}""")) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync("Why?", endless, stop.Token))
            {
                await stop.CancelAsync();
            }
        });
        await client.GetResponseAsync("Why?", new() { MaxOutputTokens = 2 }, Cancellation);

        Assert.Equal(0, client.GetRequiredServedModels().Engine.Running);
    }

    [Fact]
    public async Task It_stops_at_a_text_and_says_so()
    {
        var all = await Client.GetResponseAsync("Why?", new() { Temperature = 0, MaxOutputTokens = 12 }, Cancellation);
        var letter = all.Text[^1..];

        var stopped = await Client.GetResponseAsync("Why?", new() { Temperature = 0, StopSequences = [letter] }, Cancellation);

        Assert.Equal(ChatFinishReason.Length, all.FinishReason);
        Assert.Equal(all.Text[..all.Text.IndexOf(letter, StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
    }

    [Fact]
    public async Task Services_have_it_and_functions_are_called_through_it()
    {
        var calls = new List<int>();
        var services = new ServiceCollection();
        services.AddReboundChatClient(fixture.Folder, new() { Device = () => new CpuBackend(1) }).UseFunctionInvocation();
        services.AddKeyedReboundChatClient("named", fixture.Folder, new() { Device = () => new CpuBackend(1), Name = "other" });
        IChatClient client;
        await using (var provider = services.BuildServiceProvider())
        {
            client = provider.GetRequiredService<IChatClient>();
            var options = new ChatOptions
            {
                Seed = 3,
                MaxOutputTokens = 100,
                ToolMode = ChatToolMode.RequireAny,
                AllowMultipleToolCalls = false,
                Tools = [AIFunctionFactory.Create((bool today) => { calls.Add(today ? 0 : 1); return "sunny"; }, "weather")],
            };

            var answer = await client.GetResponseAsync("The weather?", options, Cancellation);
            var conversation = JsonSerializer.Deserialize<List<ChatMessage>>(
                JsonSerializer.Serialize(answer.Messages, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;
            await client.GetResponseAsync([new(ChatRole.User, "The weather?"), .. conversation, new(ChatRole.User, "Sure?")], options, Cancellation);

            Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], answer.Messages.Select(message => message.Role));
            Assert.Equal("other", provider.GetRequiredKeyedService<IChatClient>("named").GetService<ChatClientMetadata>()!.DefaultModelId);
        }

        Assert.Equal(2, calls.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Why?", null, Cancellation));
    }

    [Fact]
    public async Task A_type_is_answered_with()
    {
        var answer = await Client.GetResponseAsync<Sky>("The sky?", new ChatOptions { Seed = 1 }, cancellationToken: Cancellation);

        Assert.True(answer.TryGetResult(out var sky) && Enum.IsDefined(sky.Colour), answer.Text);
    }

    [Fact]
    public async Task An_answer_says_what_it_took_and_where_it_is_from()
    {
        var clock = new SteppedTime();
        using var client = Open(new() { Clock = clock });

        var updates = await client.GetStreamingResponseAsync("Why?", new() { MaxOutputTokens = 5 }, Cancellation).ToListAsync(Cancellation);

        Assert.All(updates, update => Assert.Equal((updates[0].ResponseId, "agent", clock.GetUtcNow()),
            (update.ResponseId, update.ModelId, update.CreatedAt!.Value)));
        Assert.Equal(5, Assert.IsType<UsageContent>(Assert.Single(updates[^1].Contents)).Details.OutputTokenCount);
        Assert.Equal([ChatFinishReason.Length], updates.Select(update => update.FinishReason).OfType<ChatFinishReason>());
        Assert.Equal("rebound", client.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Equal("outcome", client.GetService<AgentCard>()!.Prompt!.Name);
        Assert.Same(client, client.GetService<ReboundChatClient>());
        Assert.NotNull(client.GetService<ServedModels>());
    }

    private ReboundChatClient Open(ReboundChatClientOptions? options = null) =>
        ReboundChatClient.Open(fixture.Folder, (options ?? new()) with { Device = () => new CpuBackend(1) });

    private sealed record Sky(Colour Colour);

    private enum Colour
    {
        Blue,
        Grey,
    }
}
