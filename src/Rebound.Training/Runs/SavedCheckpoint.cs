namespace Rebound.Training.Runs;

/// <summary>A checkpoint that is whole.</summary>
internal sealed record SavedCheckpoint(int Step, string Folder);
