using Rebound.Agents.Collection;
using Rebound.Fuzz.Mutation;
using Rebound.Training.Checkpoints;

namespace Rebound.Fuzz.Readers;

/// <summary>What runs leave for the runs after them: states, manifests, episodes.</summary>
internal static class RunReaders
{
    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        new("trainer-state", JsonMutator.Instance, _ => Workbench.Files("trainer-state"), bench => input =>
        {
            bench.Write(TrainerState.FileName, input);
            var state = TrainerState.Read(bench.Folder);
            RunIdentity.Differences(state.Run, state.Options);
        }),
        new("manifest", JsonMutator.Instance, Manifests, bench => input =>
        {
            bench.Write($"checkpoint-7/{CheckpointManifest.FileName}", input);
            CheckpointManifest.Verify(bench.At("checkpoint-7"));
        }),
        new("episodes", LineMutator.Instance, _ => Workbench.Files("episodes"), bench => input =>
        {
            using var log = new EpisodeLog(bench.Write("episodes.jsonl", input));
            log.Totals.ToJson();
        }),
    ];

    private static byte[][] Manifests(Workbench bench)
    {
        Directory.CreateDirectory(bench.At("checkpoint-7"));
        bench.Write("checkpoint-7/model.safetensors", [1, 2, 3]);
        bench.Write("checkpoint-7/trainer_state.json", [4]);
        CheckpointManifest.Write(bench.At("checkpoint-7"), step: 7);
        return [File.ReadAllBytes(bench.At($"checkpoint-7/{CheckpointManifest.FileName}"))];
    }
}
