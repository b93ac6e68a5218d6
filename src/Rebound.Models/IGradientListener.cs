using Rebound.Models.Parameters;

namespace Rebound.Models;

/// <summary>Told by a backward pass, block by block, which gradients it has completed, so that ranks can sum them meanwhile.</summary>
public interface IGradientListener
{
    /// <summary>All that the pass accumulates into the gradients of a block is there.</summary>
    /// <param name="block">One of <see cref="ParameterTable.BlockCount"/>; they come from the last to the first.</param>
    void Completed(int block);
}
