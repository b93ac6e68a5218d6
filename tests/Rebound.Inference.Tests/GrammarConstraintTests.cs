using System.Text.Json;
using Rebound.Engine;
using Rebound.Grammar;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Inference.Tests;

/// <summary>Sequences that are held to a JSON Schema, beside others that are not.</summary>
public sealed class GrammarConstraintTests : IDisposable
{
    private const string Schema = """
        {"type": "object", "properties": {"kind": {"enum": ["cat", "dog"]}, "age": {"type": "integer", "minimum": 1, "maximum": 30},
         "name": {"type": "string", "maxLength": 12}}, "required": ["kind", "age"], "additionalProperties": false}
        """;

    private const int End = 257;

    private readonly CpuBackend _backend = new(1);
    private readonly Tokenizer _tokenizer = Tokenizer.Parse(ByteTokenizer.Json());

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    public void Every_constrained_sequence_ends_with_a_valid_document_and_others_are_not_touched(float temperature)
    {
        using var model = Model(_backend);
        var free = Options(temperature, constraint: null);
        var alone = Generate(model, [(Prompt(1), free)])[0];

        var mixed = Generate(model, [(Prompt(0), Options(temperature, Constraint())), (Prompt(1), free),
            (Prompt(2), Options(temperature, Constraint())), (Prompt(3), Options(temperature, Constraint()))]);

        Assert.Equal(alone, mixed[1]);
        Assert.All([mixed[0], mixed[2], mixed[3]], AssertValid);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1.3)]
    public void Where_steps_are_recorded_and_run_behind_the_tokens_are_the_same(float temperature, float penalty)
    {
        using var recording = new RecordingBackend(new CpuBackend(1));
        using var recorded = Model(recording);
        using var model = Model(_backend);
        (int[] Prompt, GenerationOptions Options)[] requests = [.. Enumerable.Range(0, 6).Select(i =>
            (Prompt(i), Penalized(Options(temperature, i % 3 == 2 ? null : Constraint()), i % 2 == 0 ? penalty : 1)))];

        var behind = Generate(recorded, requests);

        Assert.True(recording.Recordings.Runs > 0);
        Assert.Equal(Generate(model, requests), behind);
        Assert.All(new[] { 0, 1, 3, 4 }, i => AssertValid(behind[i]));
    }

    [Fact]
    public void A_preempted_sequence_goes_on_with_its_document()
    {
        using var model = Model(_backend);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 8, CacheTokens = 384 });
        var grammar = JsonGrammar.Compile("""{"type": "string", "pattern": "^[a-z]*$", "minLength": 80, "maxLength": 90}""");
        var constraint = new GrammarConstraint(grammar, GrammarConstraint.TrieOf(_tokenizer));
        for (var i = 0; i < 6; i++)
        {
            scheduler.Add(TinyModel.Tokens(60, i), Options(1, constraint), stream: (ulong)i);
        }

        var tokens = scheduler.ToEnd().ToLookup(step => step.Sequence, step => step.Token);

        Assert.True(scheduler.Preemptions > 0);
        Assert.All(tokens, sequence => Assert.Matches("^\"[a-z]{80,90}\"$", _tokenizer.Decode(sequence.SkipLast(1).ToArray())));
    }

    [Fact]
    public void A_constraint_needs_a_stop_token()
    {
        using var model = Model(_backend);

        Assert.Throws<ArgumentException>(() => new Generator(model).Generate(
            [[1]], new GenerationOptions { Constraint = Constraint() }, TestContext.Current.CancellationToken));
    }

    private static GenerationOptions Options(float temperature, ITokenConstraint? constraint) => new()
    {
        MaxNewTokens = 100,
        StopTokenIds = [End],
        Constraint = constraint,
        Sampling = new SamplingOptions { Temperature = temperature, Seed = 3, TopP = temperature > 0 ? 0.95f : 1 },
    };

    private static GenerationOptions Penalized(GenerationOptions options, float penalty) =>
        options with { Sampling = options.Sampling with { RepetitionPenalty = penalty } };

    private static int[] Prompt(int seed) => TinyModel.Tokens(5 + seed, seed);

    private static LlamaModel Model(Backend backend) => LlamaModel.Initialize(
        backend, TinyModel.Config("llama", json => json["vocab_size"] = ByteTokenizer.VocabularySize), seed: 4);

    private static int[][] Generate(LlamaModel model, (int[] Prompt, GenerationOptions Options)[] requests)
    {
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 8, CacheTokens = 4096 });
        for (var i = 0; i < requests.Length; i++)
        {
            scheduler.Add(requests[i].Prompt, requests[i].Options, stream: (ulong)requests[i].Prompt.Length);
        }

        var events = scheduler.ToEnd().ToLookup(step => step.Sequence, step => step.Token);
        return [.. requests.Select((_, i) => events[i].ToArray())];
    }

    private GrammarConstraint Constraint() => new(JsonGrammar.Compile(Schema), GrammarConstraint.TrieOf(_tokenizer));

    private void AssertValid(int[] tokens)
    {
        Assert.Equal(End, tokens[^1]);
        var document = JsonElement.Parse(_tokenizer.Decode(tokens.AsSpan(..^1)));
        Assert.Contains(document.GetProperty("kind").GetString(), new[] { "cat", "dog" });
        Assert.InRange(document.GetProperty("age").GetInt32(), 1, 30);
    }
}
