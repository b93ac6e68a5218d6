using Rebound.Models.Parameters;

namespace Rebound.Models;

/// <summary>
/// Told by a pass which blocks of parameters it comes to, so that ranks can gather weights and sum gradients block by block. The calls
/// follow from the model alone, not from the batch. Blocks are those of <see cref="ParameterTable.BlockCount"/>.
/// </summary>
public interface IBlockSchedule
{
    /// <summary>The weights of a block are going to be read, until as many calls of <see cref="Release"/>.</summary>
    void Need(int block);

    /// <summary>The weights of a block have been read.</summary>
    void Release(int block);

    /// <summary>A backward pass is going to accumulate into the gradients of a block.</summary>
    void Open(int block);

    /// <summary>All that the pass accumulates into the gradients of a block is there.</summary>
    void Complete(int block);
}
