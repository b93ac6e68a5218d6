using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class TextGenerationTests
{
    private static readonly int[] Prompt = TinyModel.Tokens(6, 2);

    [Fact]
    public void Streamed_pieces_join_to_the_text_of_the_tokens()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var tokenizer = LetterTokenizer.Create();

        var events = new Generator(model, tokenizer)
            .Stream([Prompt, [7]], new GenerationOptions { MaxNewTokens = 10 }, TestContext.Current.CancellationToken)
            .ToArray();

        foreach (var sequence in (int[])[0, 1])
        {
            var own = events.Where(step => step.Sequence == sequence).ToArray();
            Assert.Equal(10, own.Length);
            Assert.Equal(tokenizer.Decode([.. own.Select(step => step.Token)]), string.Concat(own.Select(step => step.Text)));
            Assert.All(own[..^1], step => Assert.Null(step.Finish));
            Assert.Equal(FinishReason.MaxNewTokens, own[^1].Finish);
        }
    }

    [Fact]
    public void A_stop_string_that_spans_tokens_ends_its_sequence_and_is_never_shown()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var free = Run(model, new GenerationOptions { MaxNewTokens = 12 });
        var stop = free.Text[5..9]; // the second half of a token, one whole, and the first half of the next

        var stopped = Run(model, new GenerationOptions { MaxNewTokens = 12, StopStrings = ["absent", stop] });

        var end = free.Text.IndexOf(stop, StringComparison.Ordinal);
        Assert.Equal(free.Text[..end], stopped.Text);
        Assert.Equal(FinishReason.StopString, stopped.Finish);
        Assert.Equal(free.Tokens[..((end + stop.Length + 1) / 2)], stopped.Tokens);
    }

    [Fact]
    public void Text_that_only_began_like_a_stop_string_is_shown_at_the_end()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var free = Run(model, new GenerationOptions { MaxNewTokens = 4 });

        var held = Run(model, new GenerationOptions { MaxNewTokens = 4, StopStrings = [free.Text[^2..] + "!"] });

        Assert.Equal(free.Text, held.Text);
        Assert.Equal(FinishReason.MaxNewTokens, held.Finish);
    }

    [Fact]
    public void The_text_has_no_stop_token()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var free = Run(model, new GenerationOptions { MaxNewTokens = 12 });

        var stopped = Run(model, new GenerationOptions { MaxNewTokens = 12, StopTokenIds = [free.Tokens[0]] });

        Assert.Equal([free.Tokens[0]], stopped.Tokens);
        Assert.Equal("", stopped.Text);
    }

    [Fact]
    public void Stop_strings_without_a_tokenizer_are_refused()
    {
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var options = new GenerationOptions { StopStrings = ["x"] };

        Assert.Throws<ArgumentException>(() => new Generator(model).Generate([Prompt], options, TestContext.Current.CancellationToken));
    }

    private static GenerationResult Run(LlamaModel model, GenerationOptions options) =>
        new Generator(model, LetterTokenizer.Create()).Generate([Prompt], options, TestContext.Current.CancellationToken)[0];
}
