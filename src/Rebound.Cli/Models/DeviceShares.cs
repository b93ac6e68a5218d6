namespace Rebound.Cli.Models;

/// <summary>How many devices share work, and how many parts of each.</summary>
/// <param name="Gpus">From the first; null for the device that is named.</param>
/// <param name="Parts">Of each device.</param>
internal sealed record DeviceShares(int? Gpus = null, int Parts = 1);
