using Rebound.Engine;
using Rebound.Models;
using Rebound.Python;
using Rebound.Training.Methods;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests;

/// <summary>A tiny random model and documents for it.</summary>
internal static class TestDocuments
{
    public static readonly LlamaConfig Config = new()
    {
        Variant = LlamaVariant.Llama,
        HiddenSize = 32,
        FeedForwardSize = 48,
        Layers = 2,
        QueryHeads = 4,
        KeyValueHeads = 2,
        HeadDim = 8,
        VocabularySize = 61,
        MaxPositions = 128,
        Windows = [0, 0],
        InitializerRange = 0.2f,
    };

    public static LlamaModel Model(Backend backend) => LlamaModel.Initialize(backend, Config, seed: 7);

    /// <summary>Random documents of 2 to 41 tokens, each with its last token in the loss and some others.</summary>
    public static TokenizedDocument[] Random(int count, long seed) =>
        [.. Enumerable.Range(0, count).Select(i => Random($"{i}", seed * 1000 + i))];

    /// <summary>Documents of two questions, of either outcome where the method learns from failures, of weights 1 to 3.</summary>
    public static LearningSet LearnedBy(TrainingMethod method) => LearningSet.Of(
        [
            .. Random(8, 5).Select((document, index) => document with
            {
                Outcome = index % 2 == 0 || !method.LearnsFailures() ? Outcome.Positive : Outcome.Negative,
                Question = $"{index / 4}",
                Row = index + 1,
                Weight = 1 + (index % 3),
            }),
        ],
        method,
        new MethodOptions { DivergenceShare = 1, UndesirableWeight = 0.7 },
        seed: 3);

    private static TokenizedDocument Random(string id, long seed)
    {
        var random = new PythonRandom(seed);
        var length = 2 + random.Sample(40, 1)[0];
        var tokens = Enumerable.Range(0, length).Select(_ => random.Sample(Config.VocabularySize, 1)[0]).ToArray();
        var labels = tokens.Select((token, t) =>
            t == length - 1 || random.Sample(3, 1)[0] == 0 ? token : TokenizedDocument.IgnoreLabel).ToArray();
        return new TokenizedDocument(id, "none", tokens, labels);
    }
}
