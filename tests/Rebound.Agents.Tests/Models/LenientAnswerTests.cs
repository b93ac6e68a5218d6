using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Testing;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tests.Models;

/// <summary>Answers that are good but for what stands around them.</summary>
public sealed class LenientAnswerTests
{
    private const string Reasoning = "I think 4.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("badfinish")]
    [InlineData("nullfinish")]
    [InlineData("emptyfinish")]
    [InlineData("numberfinish")]
    [InlineData("nofinish")]
    [InlineData("nousage")]
    [InlineData("nullusage")]
    [InlineData("badusage")]
    [InlineData("floatcreated")]
    [InlineData("strcreated")]
    [InlineData("endlesscreated")]
    [InlineData("nullid")]
    [InlineData("norole")]
    [InlineData("nullrole")]
    [InlineData("parts")]
    [InlineData("nulls")]
    [InlineData("logprobs")]
    [InlineData("unknown")]
    [InlineData("bare")]
    [InlineData("bom")]
    [InlineData("trail")]
    [InlineData("sse")]
    [InlineData("ssepieces")]
    [InlineData("reasoning_ok")]
    [InlineData("nochoices-once")]
    public async Task A_whole_answer_is_taken_whatever_stands_around_it(string mode)
    {
        var response = await AskAsync(mode);

        Assert.Equal(MisbehavingServer.Good, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("nodone")]
    [InlineData("crlf")]
    [InlineData("nospace")]
    [InlineData("emptyusage")]
    [InlineData("azurefirst")]
    [InlineData("nullfields")]
    [InlineData("nulldelta")]
    [InlineData("nodelta")]
    [InlineData("eos")]
    [InlineData("emptyfinish")]
    [InlineData("reason")]
    [InlineData("nullcreated")]
    [InlineData("nullusage")]
    [InlineData("comment")]
    [InlineData("ping")]
    [InlineData("bom")]
    [InlineData("json")]
    [InlineData("ctype")]
    [InlineData("parts")]
    public async Task A_streamed_answer_is_taken_whatever_stands_around_it(string mode)
    {
        var response = await StreamAsync(mode);

        Assert.Equal(MisbehavingServer.Good, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Tokens_are_counted_however_the_numbers_are_written()
    {
        var (whole, streamed) = (await AskAsync("floatusage"), await StreamAsync("emptyusage"));

        Assert.Equal((5, 5), (whole.Usage!.InputTokenCount, whole.Usage.OutputTokenCount));
        Assert.Equal((5, 5), (streamed.Usage!.InputTokenCount, streamed.Usage.OutputTokenCount));
    }

    [Theory]
    [InlineData("reasoning", "")]
    [InlineData("reasoning_ok", MisbehavingServer.Good)]
    [InlineData("reasoning_vllm", MisbehavingServer.Good)]
    [InlineData("reasoning_twice", MisbehavingServer.Good)]
    [InlineData("parts", MisbehavingServer.Good)]
    [InlineData("reasoning_open", MisbehavingServer.Good)]
    public async Task What_a_model_thinks_is_kept_apart_from_what_it_says(string mode, string text)
    {
        var response = await AskAsync(mode);

        Assert.Equal((text, Reasoning), (response.Text, ReasoningOf(response)));
    }

    [Theory]
    [InlineData("reason", MisbehavingServer.Good)]
    [InlineData("reasonopen", MisbehavingServer.Good)]
    [InlineData("reasononly", "")]
    public async Task What_a_model_thinks_is_kept_apart_in_a_stream(string mode, string text)
    {
        var response = await StreamAsync(mode);
        response.Messages[0].Contents = [.. ReasoningEndContent.Settle([.. response.Messages[0].Contents])];

        Assert.Equal((text, Reasoning), (response.Text, ReasoningOf(response)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("empty")]
    public async Task An_answer_without_text_is_an_answer(string mode) => Assert.Equal("", (await AskAsync(mode)).Text);

    [Fact]
    public async Task What_ended_an_answer_early_can_be_seen()
    {
        Assert.Equal(ChatFinishReason.Length, (await AskAsync("length")).FinishReason);
        Assert.Equal(ChatFinishReason.Length, (await StreamAsync("length")).FinishReason);
        Assert.Equal(ChatFinishReason.ContentFilter, (await AskAsync("filter")).FinishReason);
        Assert.Equal(("Refusal", "The response was filtered"), RefusalOf(await AskAsync("400filter")));
        Assert.Equal(ChatFinishReason.ContentFilter, (await StreamAsync("403flagged")).FinishReason);
        Assert.Equal(("Refusal", "Your input was flagged"), RefusalOf(await StreamAsync("403flagged")));
        Assert.Equal(("Refusal", "I cannot help with that."), RefusalOf(await AskAsync("refusal")));
        Assert.Equal(("Refusal", "I cannot help."), RefusalOf(await StreamAsync("refusal")));
    }

    private static string ReasoningOf(ChatResponse response) =>
        string.Concat(response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(part => part.Text));

    private static (string?, string) RefusalOf(ChatResponse response)
    {
        var refusals = response.Messages.SelectMany(message => message.Contents).OfType<ErrorContent>().ToList();
        return (refusals[0].ErrorCode, string.Concat(refusals.Select(part => part.Message)));
    }

    private static async Task<ChatResponse> AskAsync(string model)
    {
        await using var server = new MisbehavingServer();
        using var pool = Pool(server, model);
        return await pool.GetResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation);
    }

    private static async Task<ChatResponse> StreamAsync(string model)
    {
        await using var server = new MisbehavingServer();
        using var pool = Pool(server, model);
        return await pool.GetStreamingResponseAsync([new(ChatRole.User, "q")], cancellationToken: Cancellation)
            .ToChatResponseAsync(Cancellation);
    }

    private static EndpointPool Pool(MisbehavingServer server, string model) => new(
        [new Endpoint(server.Address, null).CreateClient(model, TimeSpan.FromSeconds(30))], attempts: 2,
        TimeSpan.FromMilliseconds(1), TimeProvider.System);
}
