using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Models.Adapters;
using Rebound.Training;
using Rebound.Training.Methods;
using Rebound.Training.Runs;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>A run's plan as JSON.</summary>
internal static class PlanJson
{
    public static JsonObject Of(TrainSettings settings, RunPlan plan, StepTiming timing, TimeSpan expected)
    {
        var (data, memory, disk, steps) = (plan.Data, plan.Memory, plan.Disk, plan.Steps);
        return new JsonObject
        {
            ["event"] = "plan",
            ["model"] = settings.Model,
            ["parameters"] = memory.Parameters,
            ["trainable_parameters"] = memory.TrainableParameters,
            ["adapter"] = Adapter(plan.Adapter),
            ["device"] = plan.Device,
            ["data"] = Counts(data.Training),
            ["held_out"] = Counts(data.HeldOut),
            ["held_out_questions"] = data.HeldOutQuestions,
            ["method"] = data.Rendered.Dataset.PromptSetup.MethodName,
            ["method_numbers"] = Numbers(data.Learning),
            ["pairs"] = data.Learning.Method == TrainingMethod.Dpo ? data.Learning.Units.Count : null,
            ["left_out_by_method"] = new JsonArray([.. data.Learning.LeftOut.Select(left =>
                new JsonObject { ["count"] = left.Count, ["what"] = left.What })]),
            ["baseline_tokens"] = plan.BaselineTokens,
            ["prompt"] = data.Rendered.Dataset.PromptSetup.Prompt?.Name,
            ["renderer"] = data.Rendered.Renderer.Name,
            ["reasoning"] = data.Rendered.Renderer.Reasoning,
            ["token_ids"] = Sources(data.Rendered.Dataset.Sources),
            ["failures_without_loss"] = data.Rendered.Dataset.FailuresWithoutLoss.Count,
            ["empty_trajectories"] = data.Rendered.Dataset.EmptyTrajectories.Count,
            ["bad_rows"] = data.Rendered.Dataset.BadRows.Count,
            ["longest_document"] = data.Rendered.Limit.Longest,
            ["over_length"] = data.Rendered.Limit.Exceeding,
            ["max_length"] = data.Rendered.Limit.MaxLength,
            ["ranks"] = plan.Training.Ranks,
            ["zero"] = plan.Training.ZeroStage,
            ["steps"] = steps.TotalSteps,
            ["steps_per_epoch"] = steps.StepsPerEpoch,
            ["batches"] = steps.TotalBatches,
            ["tokens"] = steps.TotalTokens,
            ["largest_batch"] = steps.LargestBatch,
            ["warmup_steps"] = plan.Training.ScheduleFor(steps.TotalSteps).WarmupSteps,
            ["learning_rate"] = plan.Training.LearningRate,
            ["seed"] = plan.Training.Seed,
            ["memory_bytes"] = memory.Peak,
            ["memory_available_bytes"] = memory.Available,
            ["memory"] = new JsonObject
            {
                ["weights"] = memory.Weights,
                ["gradients_and_moments"] = memory.OptimizerState,
                ["activations"] = memory.Activations,
                ["process"] = memory.Process,
                ["offloaded"] = memory.Offloaded,
                ["snapshot"] = memory.Snapshot,
            },
            ["checkpoints"] = disk.Checkpoints,
            ["checkpoint_bytes"] = disk.CheckpointBytes,
            ["model_bytes"] = disk.ModelBytes,
            ["disk_free_bytes"] = disk.Free,
            ["tokens_per_second"] = 1 / timing.SecondsPerToken,
            ["seconds_per_update"] = timing.SecondsPerUpdate,
            ["expected_seconds"] = expected.TotalSeconds,
        };
    }

    private static JsonObject? Adapter(LoraLayout? adapter) => adapter is null
        ? null
        : new JsonObject
        {
            ["r"] = adapter.Settings.Rank,
            ["lora_alpha"] = adapter.Settings.Alpha,
            ["lora_dropout"] = adapter.Settings.Dropout,
            ["use_rslora"] = adapter.Settings.RankStabilized,
            ["target_modules"] = $"{adapter.Settings.Targets}",
            ["layers"] = adapter.Modules.Count,
        };

    private static JsonObject Numbers(LearningSet data)
    {
        var json = new JsonObject();
        foreach (var (name, value) in MethodText.Numbers(data.Method, data.Options))
        {
            json[JsonNamingPolicy.SnakeCaseLower.ConvertName(name)] = value;
        }

        return json;
    }

    private static JsonObject Sources(AnswerSources sources) => new()
    {
        ["generated"] = sources.Generated,
        ["other_tokenizer"] = sources.OtherTokenizer,
        ["other_text"] = sources.OtherText,
        ["by_renderer"] = sources.ByRenderer,
    };

    private static JsonArray Counts(IReadOnlyList<TokenizedDocument> documents) =>
    [
        .. OutcomeCount.Of(documents).Select(count => new JsonObject
        {
            ["outcome"] = count.Outcome,
            ["condition"] = count.Condition,
            ["trajectories"] = count.Trajectories,
            ["documents"] = count.Documents,
            ["tokens"] = count.Tokens,
            ["supervised_tokens"] = count.SupervisedTokens,
        }),
    ];
}
