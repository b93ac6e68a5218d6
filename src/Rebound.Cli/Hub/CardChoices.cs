namespace Rebound.Cli.Hub;

/// <summary>Facts about a model that its files do not tell and a person does.</summary>
/// <param name="License">As the hub names licences, for example <c>apache-2.0</c>; null for the base model's, where that is known.</param>
/// <param name="Datasets">Names on the hub.</param>
internal sealed record CardChoices(string? License, IReadOnlyList<string> Datasets);
