using Rebound.Models.Adapters;
using Rebound.Training.Runs;

namespace Rebound.Study.Grids;

/// <summary>A training of a study.</summary>
/// <param name="Name">For people, and the beginning of its folder's name.</param>
/// <param name="Model">The folder or file that training starts from.</param>
/// <param name="Lora">The adapter to train; null to train what the model brings.</param>
/// <param name="Run">The run, whose output folder is chosen by the study.</param>
public sealed record GridCell(string Name, string Model, LoraSettings? Lora, RunOptions Run);
